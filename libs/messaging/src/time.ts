import { setTimeout as delay } from 'node:timers/promises';
import { MessagingError } from './errors';

/** No answer in time. What was asked may still go on. */
export class NoAnswer extends MessagingError {
  constructor(who: string, timeoutMs: number) {
    super(`no answer from ${who} in ${timeoutMs} ms`);
  }
}

/** Waits, or returns early when the signal aborts. */
export async function sleep(timeMs: number, signal?: AbortSignal): Promise<void> {
  await delay(timeMs, undefined, { signal }).catch(() => undefined);
}

/** @throws NoAnswer after `timeoutMs`; else what `work` throws */
export async function bounded<T>(work: Promise<T>, timeoutMs: number, who: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(who, timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `work` to settle, at most that long; how it ends is of no interest. */
export async function settled(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  await bounded(work, timeoutMs, 'work').catch(() => undefined);
}

/** Waits until `isTrue`, at most that long. @returns whether it is */
export async function until(
  isTrue: () => boolean,
  timeoutMs: number,
  everyMs = 5,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!isTrue() && Date.now() < deadline) await sleep(everyMs);
  return isTrue();
}
