import type { ServiceProcess } from '@tradepost/test-kit';
import { fetch } from 'undici';

interface Readiness {
  status: 'ok' | 'failing';
  checks: object;
  /** The gateway has no outbox. */
  figures?: { outboxLagSeconds: number | null };
}

const answerMs = 4_000;

/** @returns nothing when it does not answer */
export async function readinessOf({ url }: ServiceProcess): Promise<Readiness | undefined> {
  try {
    const signal = AbortSignal.timeout(answerMs);
    return (await (await fetch(`${url}/health/ready`, { signal })).json()) as Readiness;
  } catch {
    return undefined;
  }
}
