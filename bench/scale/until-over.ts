import { setTimeout as delay } from 'node:timers/promises';

interface Watch {
  everyMs: number;
  /** So long it may take. */
  maxMs: number;
  signal: AbortSignal;
  isOver: () => boolean;
  /** What is not over yet, in words. */
  left: () => string;
}

/** Looks again and again until it is over. @throws when that takes too long, or `signal` aborts */
export async function untilOver(
  look: (turn: number) => Promise<void>,
  { everyMs, maxMs, signal, isOver, left }: Watch,
): Promise<void> {
  const beganAt = performance.now();
  for (let turn = 0; !isOver(); turn += 1) {
    signal.throwIfAborted();
    if (performance.now() - beganAt > maxMs) {
      throw new Error(`not over after ${Math.round(maxMs / 1_000)} s: ${left()}`);
    }
    await look(turn);
    await delay(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
