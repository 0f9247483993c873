import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface ServerOptions {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The user it runs as; only root may choose. */
  as?: { uid: number; gid: number };
  /** Takes both of its outputs. */
  logFile: string;
}

const running = new Set<ServerProcess>();

// The last resort, for a tool that ends by an error of its own: no server outlives it.
process.on('exit', () => {
  for (const server of running) server.killNow();
});

/** A server program in a process group of its own: Ctrl-C reaches us alone, and we stop it last. */
export class ServerProcess {
  readonly exited: Promise<string>;
  private readonly child: ChildProcess;
  private ended: string | undefined;

  constructor(private readonly options: ServerOptions) {
    const log = openSync(options.logFile, 'a');
    this.child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', log, log],
      detached: true,
      ...options.as,
    });
    closeSync(log);
    running.add(this);
    this.exited = new Promise((resolve) => {
      const settle = (how: string) => {
        this.ended = how;
        running.delete(this);
        resolve(how);
      };
      this.child.once('error', (error) => settle(error.message));
      this.child.once('exit', (code, signal) => settle(signal ?? `exit code ${code}`));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @throws when it runs no more, with the last lines that it wrote */
  assertRunning(): void {
    if (this.ended === undefined) return;
    throw new Error(`${this.options.command} ended (${this.ended}):\n${this.lastLines()}`);
  }

  lastLines(count = 15): string {
    const lines = readFileSync(this.options.logFile, 'utf8').trimEnd().split('\n');
    return lines.slice(-count).join('\n');
  }

  /** Asks it to end; after `withinMs` it is killed. */
  async stop(signal: NodeJS.Signals, withinMs: number): Promise<void> {
    if (this.ended !== undefined) return;
    this.child.kill(signal);
    const timer = setTimeout(() => this.killNow(), withinMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** A signal to it and to all that it started in its group. */
  signal(signal: NodeJS.Signals): void {
    if (this.ended !== undefined || this.child.pid === undefined) return;
    process.kill(-this.child.pid, signal);
  }

  /** SIGKILL to it and to all that it started in its group. */
  async kill(): Promise<void> {
    this.killNow();
    await this.exited;
  }

  killNow(): void {
    if (this.ended !== undefined || this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // The group is gone already, or this system has none.
      this.child.kill('SIGKILL');
    }
  }
}
