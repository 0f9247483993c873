import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const stopMs = 10_000;
const running = new Set<ChildProcess>();

// The last resort: nothing that is measured outlives us.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ProgramOptions {
  /** For people, and of the file with its output. */
  name: string;
  /** In dist: `bench/stock/main.js`. */
  main: string;
  env: Record<string, string>;
  /** Takes the file with its output. */
  folder: string;
  /** With Node's channel for messages. */
  ipc?: boolean;
}

/** A Node program of dist as a process of its own. */
export class Program {
  readonly pid: number;
  protected readonly child: ChildProcess;
  protected readonly ended: Promise<void>;
  private readonly logFile: string;

  constructor(protected readonly options: ProgramOptions) {
    const { name, main, env, folder, ipc } = options;
    this.logFile = join(folder, `${name}.log`);
    const output = openSync(this.logFile, 'a');
    this.child = spawn(process.execPath, ['--enable-source-maps', join('dist', main)], {
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output, ...(ipc ? ['ipc' as const] : [])],
    });
    closeSync(output);
    running.add(this.child);
    this.pid = this.child.pid ?? 0;
    this.ended = new Promise<void>((resolve) => {
      this.child.once('error', () => resolve());
      this.child.once('exit', () => resolve());
    }).then(() => void running.delete(this.child));
  }

  /** @throws with its last lines when it runs no more */
  assertRunning(): void {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null) return;
    const lines = readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-15);
    const { name } = this.options;
    throw new Error(`${name} ended (${signalCode ?? exitCode}):\n${lines.join('\n')}`);
  }

  /** SIGTERM; SIGKILL when that takes too long. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), stopMs);
    await this.ended;
    clearTimeout(timer);
  }
}
