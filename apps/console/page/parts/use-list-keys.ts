import { useEffect, useRef } from 'react';
import { isTyping } from '../frame/use-global-keys';

interface List<T> {
  items: readonly T[];
  idOf: (item: T) => string;
  selected?: string;
  /** `j` and `k`. */
  onMove: (id: string) => void;
  /** `enter`, where moving does not open already. */
  onOpen?: (id: string) => void;
}

/** `j` and `k` go through a list, `enter` opens what is selected. */
export function useListKeys<T>(list: List<T>): void {
  const latest = useRef(list);
  useEffect(() => {
    latest.current = list;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const { items, idOf, selected, onMove, onOpen } = latest.current;
      const at = items.findIndex((item) => idOf(item) === selected);
      const step = { j: 1, k: -1 }[event.key];
      const next = step !== undefined && items[at < 0 ? 0 : at + step];
      if (next) onMove(idOf(next));
      // A button or link in focus takes `enter` for itself.
      const free = event.target === document.body || event.target instanceof HTMLTableRowElement;
      if (event.key === 'Enter' && free && selected !== undefined && at >= 0) onOpen?.(selected);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
