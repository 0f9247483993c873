import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';

const places: Record<string, string> = {
  f: '/flow',
  o: '/orders',
  d: '/dead-letters',
  l: '/logs',
  b: '/ledger',
  t: '/topology',
  c: '/contracts',
  p: '/operations',
  r: '/drills',
};

/** `g f` within this time. */
const secondKeyMs = 1_000;

/** Keys that every view has. */
export function useGlobalKeys(): { helpShown: boolean; showHelp: (shown: boolean) => void } {
  const [, navigate] = useLocation();
  const [helpShown, showHelp] = useState(false);
  const goUntil = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place = Date.now() < goUntil.current ? places[event.key] : undefined;
      goUntil.current = 0;
      if (place) navigate(place);
      else if (event.key === 'g') goUntil.current = Date.now() + secondKeyMs;
      else if (event.key === '?') showHelp(true);
      else if (event.key === '/' && focusSearch()) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
  return { helpShown, showHelp };
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** The view's search is its first input of type search. */
function focusSearch(): boolean {
  const input = document.querySelector<HTMLInputElement>('main input[type="search"]');
  input?.focus();
  input?.select();
  return input !== null;
}
