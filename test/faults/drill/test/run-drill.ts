import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from '../play';

export interface Run {
  code: number;
  output: string;
  outcomes: Outcome[];
}

/** `npm run drill -- <args>`, as a process of its own. */
export async function drill(args: string[], env: Record<string, string> = {}): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'drill-'));
  const json = join(folder, 'report.json');
  const program = ['--enable-source-maps', 'dist/test/faults/drill.js', ...args, '--json', json];
  const options = { env: { ...process.env, ...env } };
  try {
    const [code, output] = await new Promise<[number, string]>((resolve) => {
      execFile(process.execPath, program, options, (error, out, err) => {
        resolve([typeof error?.code === 'number' ? error.code : error ? -1 : 0, `${out}${err}`]);
      });
    });
    const text = await readFile(json, 'utf8').catch(() => '{"outcomes":[]}');
    return { code, output, outcomes: (JSON.parse(text) as Pick<Run, 'outcomes'>).outcomes };
  } finally {
    await rm(folder, { recursive: true });
  }
}
