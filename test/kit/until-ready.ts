import { eventually } from '../../dev/eventually';

/** Resolves when `/health/ready` says 200. @throws with its last answer when it does not in time */
export async function untilReady(url: string, { withinMs }: { withinMs: number }): Promise<void> {
  await eventually(
    async () => {
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${url} is not ready: ${response.status} ${text}`);
    },
    { withinMs, everyMs: 50 },
  );
}
