import { setTimeout as delay } from 'node:timers/promises';

export interface Pace {
  perSecond: number;
  count: number;
  signal?: AbortSignal;
}

/**
 * So many moments at even intervals, each when it has come, as `performance.now()` has it. A reader
 * that is late gets those that it missed at once: what is due does not wait for what was.
 */
export async function* moments({ perSecond, count, signal }: Pace): AsyncGenerator<number> {
  const startedMs = performance.now();
  for (let number = 0; number < count; number += 1) {
    const dueMs = startedMs + (number * 1_000) / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0.5) await delay(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal?.aborted) return;
    yield dueMs;
  }
}
