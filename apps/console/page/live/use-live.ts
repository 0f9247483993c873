import { useEffect, useState, useSyncExternalStore } from 'react';
import { snapshot, subscribe, type Live } from './live-store';

/**
 * A part of what is known now. It picks what the store holds and makes nothing new: a drawing
 * follows only when what it picks is another one.
 */
export function useLive<T>(pick: (live: Live) => T): T {
  return useSyncExternalStore(subscribe, () => pick(snapshot()));
}

/** The time of now, drawn anew each `everyMs`. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), everyMs);
    return () => window.clearInterval(timer);
  }, [everyMs]);
  return now;
}
