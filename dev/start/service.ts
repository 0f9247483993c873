import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppName } from '../../apps/services';
import { untilReady } from '../time';
import { coloured, printLines, say } from './lines';

/** What a service may take to finish the work in hand; then it is killed. */
const drainMs = 4_000;
const drainKillMs = 5_500;
const restartsMax = 5;
/** A service that ran for so long has recovered: its count of restarts begins again. */
const stableMs = 30_000;
const backoffMs = [500, 1_000, 2_000, 4_000, 8_000];

/** Below 2 GB V8 lets the heap grow to twice what is alive before it collects; above, fourfold. */
const nodeOptions = ['--enable-source-maps', '--max-old-space-size=1536'];

/** How a service ends that has logged why it cannot start, such as a wrong variable. */
const refusal = 'exit code 1';

const heldService = 'dist/dev/start/held-service.js';

const colours = coloured ? {} : { NO_COLOR: '1' };

export interface ServiceOptions {
  name: AppName;
  port: number;
  /** Until it is known the process loads the service's code. */
  env: Record<string, string> | Promise<Record<string, string>>;
  /** Takes what it prints; without one our own output has its lines. */
  outputFile?: string;
  /** After each start but the first. */
  onRestart: () => void;
  /** It cannot be started, or died too often; it will not be started again. */
  onGivenUp: (error: Error) => void;
}

/** One service as a process that is started again when it dies. */
export class RunningService {
  readonly url: string;
  /** It has been ready once: what ends it from then on is worth another try. */
  private wasReady = false;
  private child: ChildProcess | undefined;
  private readonly stopping = new AbortController();
  private restarts = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: ServiceOptions) {
    this.url = `http://localhost:${options.port}`;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  start(): void {
    this.running = this.run();
  }

  async untilReady(options: { withinMs: number; signal: AbortSignal }): Promise<void> {
    await untilReady(this.url, options);
    this.wasReady = true;
  }

  /** SIGTERM; after `withinMs`, SIGKILL. */
  async stop(withinMs = drainKillMs): Promise<void> {
    this.stopping.abort();
    this.child?.kill('SIGTERM');
    const timer = setTimeout(() => this.killNow(), withinMs);
    await this.running;
    clearTimeout(timer);
  }

  killNow(): void {
    this.child?.kill('SIGKILL');
  }

  private async run(): Promise<void> {
    const { name, onRestart, onGivenUp } = this.options;
    for (;;) {
      const startedMs = performance.now();
      const how = await this.untilExit();
      if (this.stopping.signal.aborted) return;
      if (!this.wasReady && how === refusal) return onGivenUp(new Error(`${name} cannot start`));
      if (performance.now() - startedMs > stableMs) this.restarts = 0;
      if (this.restarts >= restartsMax) {
        return onGivenUp(new Error(`${name} died ${restartsMax + 1} times in a row (${how})`));
      }
      const waitMs = backoffMs[this.restarts] ?? stableMs;
      this.restarts += 1;
      say(`${name} died (${how}); it is started again in ${waitMs / 1000} s`);
      await delay(waitMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return;
      setImmediate(onRestart);
    }
  }

  // In a group of its own: Ctrl-C in the terminal reaches us alone, and we pass it on once.
  private untilExit(): Promise<string> {
    const { name, port, env, outputFile } = this.options;
    const output = outputFile === undefined ? 'pipe' : openSync(outputFile, 'a');
    const child = spawn(process.execPath, [...nodeOptions, heldService, name], {
      env: {
        LOG_FORMAT: 'text',
        ...process.env,
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
    Promise.resolve(env).then(
      // One that has died by now is started again, or is not wanted any more.
      (known) => child.connected && child.send(known, () => undefined),
      // Whoever failed to give it stops us.
      () => undefined,
    );
    if (output !== 'pipe') closeSync(output);
    for (const lines of [child.stdout, child.stderr]) if (lines) printLines(name, lines);
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }
}
