import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { createDb, type Servers } from './servers';
import type { MadeBy, WorkResult } from './summarise';

export interface Results {
  machine: { system: string; cpu: string; cores: number; memoryGiB: number };
  versions: { node: string; rabbitmq: string; postgresql: string };
  /** Of the last run and, those that it did not name, of earlier ones. */
  works: Record<string, WorkResult>;
}

/** Adds the works to those of the same machine and versions; others are no part of one table. */
export async function writeResults(file: string, fresh: Results): Promise<Results> {
  const earlier = await readResults(file);
  const isSame = (name: 'machine' | 'versions') =>
    JSON.stringify(earlier?.[name]) === JSON.stringify(fresh[name]);
  const kept = isSame('machine') && isSame('versions') ? earlier?.works : {};
  const results = { ...fresh, works: { ...kept, ...fresh.works } };
  await writeFile(file, `${JSON.stringify(results, precise, 2)}\n`);
  return results;
}

async function readResults(file: string): Promise<Results | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Results);
}

export async function describe({ broker, database }: Servers): Promise<Omit<Results, 'works'>> {
  const db = createDb(database.url);
  const [row] = await db
    .query<{ version: string }>({
      name: 'version',
      text: "SELECT current_setting('server_version') AS version",
    })
    .finally(() => db.close());
  return {
    machine: {
      system: `${process.platform} ${release()}`,
      cpu: cpus()[0]?.model.trim() ?? '',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
    },
    versions: {
      node: process.version,
      rabbitmq: broker.version ?? '',
      postgresql: row?.version ?? '',
    },
  };
}

/** How to come by the same figures. */
export function madeBy(): MadeBy {
  const command = ['npm run bench', ...dashed(process.argv.slice(2))].join(' ');
  return { command, commit: commit() };
}

/** What npm hands on comes after two dashes. */
function dashed(args: string[]): string[] {
  return args.length > 0 ? ['--', ...args] : [];
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    // No checkout, but a copy.
    return '';
  }
}

function precise(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
