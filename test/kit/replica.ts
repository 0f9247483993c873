import { startProcess, type Exit, type ServiceProcess } from './process';
import type { TcpTap } from './tcp-tap';
import { untilReady } from './until-ready';

/** The wires of one replica, by what is at their far end. */
export type Links = Record<string, TcpTap>;

export interface ReplicaOptions {
  /** For people: `users`, or `payments-2` where there are several. */
  name: string;
  app: string;
  /** What it runs, in dist; of an app, its main unless said otherwise. */
  main?: string;
  port: number;
  env: Record<string, string>;
  /** Empty when it reaches everything directly. */
  links: Links;
}

/** The place of a process: one at a time, on the same port, the same broker and database. */
export class Replica {
  readonly name: string;
  readonly app: string;
  readonly url: string;
  readonly links: Links;
  /** Of the processes that are started from now on. */
  readonly env: Record<string, string>;
  /** The last that its processes wrote, of both outputs. */
  readonly lines: string[] = [];
  /** Called when a process ends that nobody has ended here. */
  onOwnEnd?: (exit: Exit) => void;
  private process?: ServiceProcess;

  constructor(private readonly options: ReplicaOptions) {
    this.name = options.name;
    this.app = options.app;
    this.links = options.links;
    this.env = options.env;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  /** Of the process that runs; 0 when none does. */
  get pid(): number {
    return this.process?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.process !== undefined;
  }

  /** A process in this place, unless one runs. It may not be ready yet. */
  async start(): Promise<void> {
    if (this.process) return;
    const { app, main, port } = this.options;
    const started = await startProcess({ app, env: this.env, main, port, lines: this.lines });
    this.process = started;
    void started.exited.then((exit) => {
      if (this.process !== started) return;
      this.process = undefined;
      this.onOwnEnd?.(exit);
    });
  }

  async ready({ withinMs }: { withinMs: number }): Promise<void> {
    await untilReady(this.url, { withinMs });
  }

  /** SIGTERM; SIGKILL when that takes longer than `withinMs`. Nothing when no process runs. */
  async stop(options?: { withinMs?: number }): Promise<Exit | undefined> {
    return this.take()?.stop(options);
  }

  /** SIGKILL. */
  async kill(): Promise<Exit | undefined> {
    return this.take()?.kill();
  }

  /** SIGSTOP: its connections stay open, and it does nothing. */
  freeze(): void {
    this.process?.signal('SIGSTOP');
  }

  thaw(): void {
    this.process?.signal('SIGCONT');
  }

  /** Ends the process and its wires. */
  async close(): Promise<Exit | undefined> {
    this.thaw();
    const exit = await this.stop();
    await Promise.all(Object.values(this.links).map((tap) => tap.close()));
    return exit;
  }

  /** From here on the end of the process is our doing. */
  private take(): ServiceProcess | undefined {
    const taken = this.process;
    this.process = undefined;
    return taken;
  }
}
