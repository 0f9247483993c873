import { sleep } from '../time';

const againMs = { first: 100, max: 2_000 };

/**
 * Tries again until it succeeds: while broker or database is away, order is kept by waiting.
 * @param isOver ends it: what is not done comes back
 * @param tell gets the first error, and one of ten that follow
 */
export async function patiently<T>(
  work: () => Promise<T>,
  isOver: () => boolean,
  tell: (error: unknown) => void,
): Promise<T | undefined> {
  for (let failed = 0; !isOver(); failed += 1) {
    try {
      return await work();
    } catch (error) {
      if (failed % 10 === 0) tell(error);
      await sleep(Math.min(againMs.first * 2 ** failed, againMs.max));
    }
  }
  return undefined;
}
