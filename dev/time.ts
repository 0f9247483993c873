import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from 'undici';

/** Mutants run with less: where one is killed, a test waits in vain. */
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

function late(what: string, withinMs: number, error: unknown): Error {
  return new Error(`${what}: not within ${withinMs / 1_000} s: ${messageOf(error)}`);
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

/** Resolves when `/health/ready` of a service is 200. @throws its last answer when time is up */
export async function untilReady(
  url: string,
  { withinMs, signal }: { withinMs: number; signal?: AbortSignal },
): Promise<void> {
  await eventually(
    async () => {
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(3_000) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${url} is not ready: ${response.status} ${text}`);
    },
    { withinMs, everyMs: 50, signal },
  );
}

/** Since this process started: `8.4 s`. */
export function elapsed(): string {
  return `${(performance.now() / 1_000).toFixed(1)} s`;
}

/** An error's message; the first of its parts, when it has only those (a refused connection). */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const because = error.cause instanceof Error ? messageOf(error.cause) : '';
  return error.message.includes(because) ? error.message : `${error.message} (${because})`;
}
