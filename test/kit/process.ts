import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from '../../dev/local/ports';
import { holdAnswers } from './hold-answers';
import { openToAll } from './open-to-all';
import { root } from './root';
import type { TcpTap } from '../../dev/local/tcp-tap';
import { untilReady } from '../../dev/time';

export interface ProcessOptions {
  /** The folder in apps/; or, with `main`, any name. */
  app: string;
  /** For people: `users`, or `payments-2` where there are several. */
  name?: string;
  /** What it runs, in dist; the main of its app unless given. */
  main?: string;
  port?: number;
  /** All of its environment, but PORT, HOST and PATH. */
  env: Record<string, string | undefined>;
  links?: Links;
}

/** The wires of a process, by what is at their far end. */
export type Links = Record<string, TcpTap>;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const linesMax = 500;
const running = new Set<ChildProcess>();

// The last resort, when this process ends by an error of its own.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program of dist/ as an OS process: one at a time, always on the same port. */
export class ServiceProcess {
  readonly name: string;
  readonly app: string;
  readonly url: string;
  readonly links: Links;
  /** Of the processes that are started from now on. */
  readonly env: Record<string, string | undefined>;
  /** Its last lines, of both outputs and of each start. */
  readonly lines: string[] = [];
  /** Of Node: a leak of listeners, a promise that was handled late; not of what is deprecated. */
  readonly warnings: string[] = [];
  /** Called when it ends without `stop` or `kill`. */
  onCrash?: (exit: Exit) => void;
  private child?: ChildProcess;
  private end?: Promise<Exit>;
  private asked = 0;
  private readonly replies = new Map<number, (result: unknown) => void>();

  private constructor(
    private readonly program: string,
    private readonly port: number,
    { app, name = app, env, links = {} }: ProcessOptions,
  ) {
    this.app = app;
    this.name = name;
    this.env = env;
    this.links = links;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async create(options: ProcessOptions): Promise<ServiceProcess> {
    const { app, main = join('apps', app, 'src/main.js') } = options;
    const program = join(root, 'dist', main);
    if (!existsSync(program)) throw new Error(`${program} is missing: run \`npm run build\` first`);
    const [port] = await freePorts([options.port]);
    const created = new ServiceProcess(program, port, options);
    holdAnswers(created.url, app);
    return created;
  }

  /** It may not be ready yet. */
  static async start(options: ProcessOptions): Promise<ServiceProcess> {
    const created = await ServiceProcess.create(options);
    created.start();
    return created;
  }

  /** Of the process that runs; 0 when none does. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Resolves when the process that was started last has ended. */
  get exited(): Promise<Exit> {
    if (!this.end) throw new Error(`${this.name} was never started`);
    return this.end;
  }

  /** Nothing when one runs. */
  start(): void {
    if (this.child) return;
    const child = fork(this.program, {
      cwd: root,
      env: {
        ...{ PATH: process.env.PATH, HOST: '127.0.0.1', PORT: `${this.port}` },
        ...openToAll,
        ...this.env,
      },
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    running.add(child);
    this.keepLines(child);
    child.on('message', ({ id, result }: { id: number; result: unknown }) => {
      this.replies.get(id)?.(result);
    });
    this.end = exitOf(child);
    void this.end.then((exit) => {
      running.delete(child);
      if (this.child !== child) return;
      this.child = undefined;
      this.onCrash?.(exit);
    });
  }

  ready(options: { withinMs: number }): Promise<void> {
    return untilReady(this.url, options);
  }

  /** Sends a command to a program that serves them. @throws when it ends or is late */
  ask<T>(command: object, { withinMs }: { withinMs: number }): Promise<T> {
    const { child, exited, name } = this;
    this.asked += 1;
    const id = this.asked;
    const reply = new Promise<T>((resolve, reject) => {
      const settle = (how: () => void) => {
        clearTimeout(timer);
        this.replies.delete(id);
        how();
      };
      const fail = (why: string) => settle(() => reject(new Error(`${name}: ${why}`)));
      const timer = setTimeout(() => fail(`no reply within ${withinMs} ms`), withinMs);
      this.replies.set(id, (result) => settle(() => resolve(result as T)));
      void exited.then(({ code, signal }) => fail(`ended: ${signal ?? `code ${code}`}`));
    });
    // Many are awaited only after something else.
    reply.catch(() => undefined);
    if (child?.connected) child.send({ id, ...command }, () => undefined);
    return reply;
  }

  /** SIGTERM; SIGKILL when that takes longer than `withinMs`. Nothing when no process runs. */
  async stop({ withinMs = 15_000 } = {}): Promise<Exit | undefined> {
    const { child } = this;
    const timer = setTimeout(() => child?.kill('SIGKILL'), withinMs);
    return this.kill('SIGTERM').finally(() => clearTimeout(timer));
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit | undefined> {
    const { child } = this;
    if (!child) return undefined;
    this.child = undefined;
    child.kill(signal);
    return this.exited;
  }

  /** SIGSTOP: its connections stay open, and it does nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async close(): Promise<Exit | undefined> {
    this.thaw();
    const exit = await this.stop();
    await Promise.all(Object.values(this.links).map((tap) => tap.close()));
    return exit;
  }

  private keepLines(child: ChildProcess): void {
    for (const input of [child.stdout, child.stderr]) {
      if (!input) continue;
      createInterface({ input }).on('line', (line) => {
        this.lines.push(line);
        if (/^\(node:\d+\) (?!\[DEP|Experimental).*Warning: /.test(line)) this.warnings.push(line);
        if (this.lines.length > linesMax) this.lines.shift();
      });
    }
  }
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not `exit`: by `close` both outputs have been read to their end.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}
