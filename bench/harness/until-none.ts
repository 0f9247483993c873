import { setTimeout as delay } from 'node:timers/promises';

const stuckMs = 60_000;

/** Resolves when nothing is left of what `count` counts. @throws when it stands for a minute */
export async function untilNone(
  count: () => Promise<number>,
  { everyMs, what }: { everyMs: number; what: string },
): Promise<void> {
  let last = { left: NaN, atMs: performance.now() };
  while (performance.now() - last.atMs < stuckMs) {
    const left = await count();
    if (left === 0) return;
    if (left !== last.left) last = { left, atMs: performance.now() };
    await delay(everyMs);
  }
  throw new Error(`${what}: ${last.left} stay as they are`);
}
