import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 250;

/** Resolves when all is done, or when nothing has moved for `quietMs`. */
export async function untilCalm(
  quietMs: number,
  look: () => Promise<{ isDone: boolean; now: string }>,
): Promise<void> {
  let last = '';
  let calm = 0;
  let movedAt = Date.now();
  while (Date.now() - movedAt < quietMs) {
    const { isDone, now } = await look();
    calm = isDone ? calm + 1 : 0;
    // Twice: copies that a link took with it may be on their way back.
    if (calm === 2) return;
    if (now !== last) movedAt = Date.now();
    last = now;
    await delay(pollMs);
  }
}
