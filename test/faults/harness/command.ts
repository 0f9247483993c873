import { writeFile } from 'node:fs/promises';
import { runCommand } from '../../../ops/shop/run-command';
import type { Servers } from './servers';

/** Runs a command until its end or until a signal; exits with 0 when it has passed, else with 1. */
export function runFaults(usage: string, main: (signal: AbortSignal) => Promise<boolean>): void {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  runCommand(usage, async () => ((await main(abort.signal)) ? 0 : 1));
}

/** What `--json` names; nothing without it. */
export async function writeReport(
  file: string | undefined,
  { broker, database }: Servers,
  report: object,
): Promise<void> {
  if (file === undefined) return;
  const { how, version } = broker;
  const ranOn = { broker: { how, version }, database: database.how, node: process.version };
  await writeFile(file, `${JSON.stringify({ ...ranOn, ...report }, null, 2)}\n`);
}

export function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
