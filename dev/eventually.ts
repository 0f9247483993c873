export interface EventuallyOptions {
  /** After this long the last failure is thrown. */
  withinMs?: number;
  /** Between two tries. */
  everyMs?: number;
}

/**
 * Tries `probe` until it does not throw, and gives what it returned.
 * @throws the last failure, when none succeeded in time; a probe that hangs counts as failed
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = 10_000, everyMs = 25 }: EventuallyOptions = {},
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await within(Math.max(deadline - Date.now(), everyMs), probe);
    } catch (error) {
      if (Date.now() + everyMs >= deadline) throw error;
    }
    await pause(everyMs);
  }
}

async function within<T>(limitMs: number, probe: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([Promise.resolve(probe()), limit]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
