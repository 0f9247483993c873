import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, in the message of a failure. */
  what: string;
  withinMs: number;
  everyMs?: number;
  signal?: AbortSignal;
}

/**
 * Repeats `check` until it resolves.
 * @throws when it has not within `withinMs`, with its last error
 */
export async function until<T>(check: () => Promise<T>, options: UntilOptions): Promise<T> {
  const { what, withinMs, everyMs = 100, signal } = options;
  const deadline = performance.now() + withinMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`${what}: not within ${withinMs / 1000} s: ${messageOf(error)}`);
      }
    }
    await delay(everyMs, undefined, { signal });
  }
}

/** Rejects when `promise` takes longer; what it does goes on unheard. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const timer = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} took longer than ${timeoutMs / 1000} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

/** An error's message; the first of its parts, when it has only those (a refused connection). */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error
    ? `${error.message} (${messageOf(error.cause)})`
    : error.message;
}
