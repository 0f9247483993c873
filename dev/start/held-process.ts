import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { AppName } from '../../apps/services';
import type { Start } from './held-service';
import { coloured, printLines } from './lines';

/** What a service may take to finish the work in hand; then it is killed. */
const drainMs = 4_000;
const drainKillMs = 5_500;

/** Below 2 GB V8 lets the heap grow to twice what is alive before it collects; above, fourfold. */
const nodeOptions = ['--enable-source-maps', '--max-old-space-size=1536'];

const heldService = 'dist/dev/start/held-service.js';

const colours = coloured ? {} : { NO_COLOR: '1' };

export interface ProcessOptions {
  name: AppName;
  port: number;
  /** Of its environment, what its code reads while it is loaded; that of `npm start` beside. */
  early?: Record<string, string>;
  /** Takes what it prints; without one our own output has its lines. */
  outputFile?: string;
}

/** A process of a service: it loads its code, and waits for its environment. */
export class HeldProcess {
  /** How it ended: a signal, or its exit code. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private files?: ReadonlySet<string>;
  private readonly loading: Promise<void>;

  // In a group of its own: Ctrl-C in the terminal reaches us alone, and we pass it on once.
  constructor({ name, port, early, outputFile }: ProcessOptions) {
    const output = outputFile === undefined ? 'pipe' : openSync(outputFile, 'a');
    const child = spawn(process.execPath, [...nodeOptions, heldService, name], {
      env: {
        LOG_FORMAT: 'text',
        ...process.env,
        ...early,
        ...colours,
        // No load balancer is here, and Ctrl-C is to be quick.
        SHUTDOWN_DELAY_MS: '0',
        SHUTDOWN_TIMEOUT_MS: String(drainMs),
        PORT: String(port),
      },
      stdio: ['ignore', output, output, 'ipc'],
      detached: true,
    });
    this.child = child;
    if (output !== 'pipe') closeSync(output);
    for (const lines of [child.stdout, child.stderr]) if (lines) printLines(name, lines);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    this.loading = once(child, 'message').then(([files]) => {
      this.files = new Set(files as string[]);
    });
    // One that cannot be started has an end, which says so.
    this.loading.catch(() => undefined);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @returns false when it ends before its code is loaded */
  async hasLoaded(): Promise<boolean> {
    await Promise.race([this.loading, this.ended]);
    return this.files !== undefined;
  }

  /** @param file in dist. As long as it is not known what it uses, it may be any. */
  uses(file: string): boolean {
    return this.files?.has(file) ?? true;
  }

  tell(start: Start): void {
    // One that has died by now is started again, or is not wanted any more.
    if (this.child.connected) this.child.send(start, () => undefined);
  }

  /** SIGTERM; after `withinMs`, SIGKILL. */
  async stop(withinMs = drainKillMs): Promise<void> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.killNow(), withinMs);
    await this.ended;
    clearTimeout(timer);
  }

  killNow(): void {
    this.child.kill('SIGKILL');
  }
}
