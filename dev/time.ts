import { eventually } from '@tradepost/messaging/testing';
import { fetch } from 'undici';

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
