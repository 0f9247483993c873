import { setTimeout as delay } from 'node:timers/promises';
import { untilReady } from '../time';
import { say } from './lines';
import { HeldProcess, type ProcessOptions } from './held-process';

const restartsMax = 5;
/** A service that ran for so long has recovered: its count of restarts begins again. */
const stableMs = 30_000;
const backoffMs = [500, 1_000, 2_000, 4_000, 8_000];

/** How a service ends that has logged why it cannot start, such as a wrong variable. */
const refusal = 'exit code 1';

export interface ServiceOptions extends ProcessOptions {
  /** Until it is known the process loads the service's code. */
  env: Record<string, string> | Promise<Record<string, string>>;
  inspectPort?: number;
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
  private current?: HeldProcess;
  /** It has loaded newer code, and takes over. */
  private next?: HeldProcess;
  private readonly stopping = new AbortController();
  private readonly givenUp = new AbortController();
  /** Ends a wait before a restart. */
  private hurry = new AbortController();
  private restarts = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: ServiceOptions) {
    this.url = `http://localhost:${options.port}`;
  }

  get pid(): number {
    return this.current?.pid ?? 0;
  }

  start(): void {
    this.running = this.run();
  }

  /** @throws also when it will not be started again */
  async untilReady({ signal, ...rest }: { withinMs: number; signal: AbortSignal }): Promise<void> {
    const either = AbortSignal.any([signal, this.givenUp.signal]);
    await untilReady(this.url, { ...rest, signal: either }).catch((error: unknown) => {
      throw this.givenUp.signal.aborted ? this.givenUp.signal.reason : error;
    });
    this.wasReady = true;
  }

  /** @param file in dist */
  uses(file: string): boolean {
    return this.current?.uses(file) ?? true;
  }

  /** Resolves when its code is loaded, or cannot be. */
  async loaded(): Promise<void> {
    await this.current?.hasLoaded();
  }

  /**
   * Another process takes over as soon as it has loaded the code as it is now.
   * @returns false: it could not load it, and the old one runs on
   */
  async renew(): Promise<boolean> {
    const next = new HeldProcess(this.options);
    const stop = () => next.killNow();
    this.stopping.signal.addEventListener('abort', stop);
    const hasLoaded = await next.hasLoaded();
    this.stopping.signal.removeEventListener('abort', stop);
    if (!hasLoaded || this.stopping.signal.aborted || this.givenUp.signal.aborted) {
      next.killNow();
      return false;
    }
    this.next = next;
    this.hurry.abort();
    await this.current?.stop();
    return true;
  }

  /** SIGTERM; after `withinMs`, SIGKILL. */
  async stop(withinMs?: number): Promise<void> {
    this.stopping.abort();
    this.next?.killNow();
    await this.current?.stop(withinMs);
    await this.running;
  }

  killNow(): void {
    this.current?.killNow();
    this.next?.killNow();
  }

  private async run(): Promise<void> {
    const { name, onRestart } = this.options;
    for (;;) {
      const startedMs = performance.now();
      const how = await this.begin().ended;
      if (this.stopping.signal.aborted) return;
      if (!this.next) {
        if (!this.wasReady && how === refusal) return this.giveUp(`${name} cannot start`);
        if (performance.now() - startedMs > stableMs) this.restarts = 0;
        if (this.restarts >= restartsMax) {
          return this.giveUp(`${name} died ${restartsMax + 1} times in a row (${how})`);
        }
        await this.wait(how);
      }
      if (this.stopping.signal.aborted) return;
      setImmediate(onRestart);
    }
  }

  /** The process that has taken over, or else a new one. */
  private begin(): HeldProcess {
    const { env, inspectPort } = this.options;
    if (this.next) {
      this.wasReady = false;
      this.restarts = 0;
    }
    const current = this.next ?? new HeldProcess(this.options);
    this.current = current;
    this.next = undefined;
    Promise.resolve(env).then(
      (environment) => current.tell({ environment, inspectPort }),
      // Whoever failed to give it stops us.
      () => undefined,
    );
    return current;
  }

  private async wait(how: string): Promise<void> {
    const waitMs = backoffMs[this.restarts] ?? stableMs;
    this.restarts += 1;
    say(`${this.options.name} died (${how}); it is started again in ${waitMs / 1000} s`);
    this.hurry = new AbortController();
    const signal = AbortSignal.any([this.stopping.signal, this.hurry.signal]);
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }

  private giveUp(why: string): void {
    const error = new Error(why);
    this.givenUp.abort(error);
    this.options.onGivenUp(error);
  }
}
