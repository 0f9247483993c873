import { inParallel } from '../../faults/harness/parallel';
import type { Finding } from '../finding';
import type { System } from '../system';
import { httpCase, type Makings } from './case';
import { exchange } from './exchange';
import { httpFindings } from './judge';

const atOnce = 12;

export interface HttpCounts {
  connections: number;
  requests: number;
  /** Answers by their status. */
  statuses: Record<number, number>;
  seconds: number;
}

export interface HttpRun extends HttpCounts {
  findings: Finding[];
}

/** Sends the cases with these numbers. */
export async function runHttp(
  numbers: readonly number[],
  system: System,
  makings: Makings,
  signal: AbortSignal,
): Promise<HttpRun> {
  const began = performance.now();
  const run: HttpRun = { connections: 0, requests: 0, statuses: {}, seconds: 0, findings: [] };
  await inParallel(numbers, atOnce, async (number) => {
    signal.throwIfAborted();
    const one = httpCase(number, makings);
    const bytes = Buffer.concat(one.asked.map((asked) => asked.bytes));
    const methods = one.asked.map(({ method }) => method);
    const outcome = await exchange(system.url(one.service), bytes, {
      methods,
      breaksOff: one.isBroken,
    });
    run.connections += 1;
    run.requests += one.asked.length;
    for (const { status } of outcome.answers) {
      run.statuses[status] = (run.statuses[status] ?? 0) + 1;
    }
    const api = makings.apis.find(({ service }) => service === one.service);
    if (api) run.findings.push(...httpFindings(one, outcome, api));
  });
  run.seconds = (performance.now() - began) / 1_000;
  return run;
}
