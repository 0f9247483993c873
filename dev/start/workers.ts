import { hostname } from 'node:os';
import type { AppName } from '../../apps/services';
import { freePorts } from '../local/ports';
import { RunningService } from './service';

const readyMs = 60_000;
/** Beside the one that each app has. */
const addedMax = 4;

/** A process of an app: the one that it has, or one that was added. */
export interface Worker {
  app: AppName;
  port: number;
  added: boolean;
  /** Missing: it was stopped. */
  process?: RunningService;
  state: 'starting' | 'running' | 'stopping' | 'stopped' | 'dead';
}

interface WorkersOptions {
  environmentOf: (app: AppName) => Promise<Record<string, string>>;
  /** Processes have come, gone or changed. */
  onChange: () => void;
  /** One that the shop cannot be without will not be started again. */
  onGivenUp: (error: Error) => void;
  /** Where a debugger may come to the process that the app has. */
  inspectPorts?: ReadonlyMap<AppName, number>;
}

/** The processes of this start. */
export class Workers {
  private readonly workers: Worker[] = [];

  constructor(private readonly options: WorkersOptions) {}

  get all(): readonly Worker[] {
    return this.workers;
  }

  /** The process that the app has, whether it runs now or was stopped. */
  of(app: AppName): Worker | undefined {
    return this.workers.find((worker) => worker.app === app && !worker.added);
  }

  /** It may not be ready yet. */
  open(app: AppName, port: number): Worker {
    const worker: Worker = { app, port, added: false, state: 'starting' };
    this.workers.push(worker);
    this.begin(worker);
    return worker;
  }

  async untilReady(worker: Worker, signal: AbortSignal): Promise<void> {
    await worker.process?.untilReady({ withinMs: readyMs, signal });
    worker.state = 'running';
  }

  /** @returns when it is ready @throws when it runs already, or cannot be ready */
  async start(worker: Worker, signal: AbortSignal): Promise<void> {
    if (worker.process) throw new Error(`${worker.app} runs already`);
    this.begin(worker);
    await this.untilReady(worker, signal);
    this.options.onChange();
  }

  /**
   * Runs the code as it is now; what was stopped will, once it is started.
   * @returns false: it does not load, and what runs runs on @throws when it cannot be ready
   */
  async renew(worker: Worker, signal: AbortSignal): Promise<boolean> {
    if (worker.state === 'dead') this.begin(worker);
    else if (!(await worker.process?.renew())) return false;
    worker.state = 'starting';
    await this.untilReady(worker, signal);
    this.options.onChange();
    return true;
  }

  /** As a deployment ends it: it finishes what it has. */
  async stop(worker: Worker): Promise<void> {
    const { process } = worker;
    if (!process) throw new Error(`${worker.app} does not run`);
    worker.state = 'stopping';
    await process.stop();
    worker.process = undefined;
    worker.state = 'stopped';
    this.options.onChange();
  }

  /** Another process of the app, on a free port. @returns when it is ready */
  async add(app: AppName, signal: AbortSignal): Promise<Worker> {
    const added = this.workers.filter((worker) => worker.added);
    if (added.length >= addedMax) throw new Error(`${addedMax} workers were added already`);
    const [port] = await freePorts([undefined]);
    const worker: Worker = { app, port, added: true, state: 'starting' };
    this.workers.push(worker);
    this.begin(worker);
    await this.untilReady(worker, signal);
    return worker;
  }

  /** The last one that was added. @throws when none was */
  async remove(app: AppName): Promise<void> {
    const worker = this.workers.findLast((one) => one.added && one.app === app);
    if (!worker) throw new Error(`no worker was added to ${app}`);
    if (worker.process) await this.stop(worker);
    this.workers.splice(this.workers.indexOf(worker), 1);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map(async ({ process }) => process?.stop()));
  }

  killNow(): void {
    for (const { process } of this.workers) process?.killNow();
  }

  private begin(worker: Worker): void {
    const { app, port, added } = worker;
    const { environmentOf, onChange, onGivenUp, inspectPorts } = this.options;
    worker.state = 'starting';
    worker.process = new RunningService({
      name: app,
      port,
      env: environmentOf(app),
      inspectPort: added ? undefined : inspectPorts?.get(app),
      onRestart: onChange,
      onGivenUp: (error) => {
        worker.state = 'dead';
        if (!added) onGivenUp(error);
      },
    });
    worker.process.start();
  }
}

/** As services name themselves. */
export function instanceOf({ process }: Worker): string {
  return process === undefined ? '' : `${hostname()}:${process.pid}`;
}
