import { setTimeout as delay } from 'node:timers/promises';

/** Less where many tests are to fail, as mutants are killed by a wait in vain. */
const eventuallyMs = Number(process.env.EVENTUALLY_MS ?? 10_000);

export interface EventuallyOptions {
  withinMs?: number;
  everyMs?: number;
  /** For the message when time is up; without it, the last failure is thrown as it is. */
  what?: string;
  signal?: AbortSignal;
}

/**
 * Repeats `probe` until it does not throw, and gives what it returned.
 * @throws the last failure when time is up; a probe that hangs counts as failed
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = eventuallyMs, everyMs = 25, what, signal }: EventuallyOptions = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const leftMs = Math.max(deadline - performance.now(), everyMs);
      return await within(Promise.resolve(probe()), leftMs, 'an answer');
    } catch (error) {
      if (performance.now() + everyMs >= deadline) throw what ? late(what, withinMs, error) : error;
    }
    await delay(everyMs, undefined, { signal });
  }
}

function late(what: string, withinMs: number, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${what}: not within ${withinMs / 1_000} s: ${why}`, { cause });
}

/** Rejects when `promise` takes longer; what it does goes on unheard. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const timer = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} took longer than ${timeoutMs / 1_000} s`);
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    timer.abort();
  }
}
