import { useEffect, useRef } from 'react';

/** Of a list: what is selected in it comes into view. */
export function useSeen(selected: string | undefined) {
  const list = useRef<HTMLTableElement>(null);
  useEffect(() => {
    list.current?.querySelector('[data-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return list;
}
