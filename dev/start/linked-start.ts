import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { appNames } from '../../apps/services';
import { stateFile, type State } from '../../ops/shop/state';
import { freePorts } from '../local/ports';

/** What a start finds in its checkout, and the compilers with `--watch`. */
const parts = ['dist', 'apps', 'libs', 'node_modules', 'package.json', 'tsconfig.json', '.swcrc'];
/** A first start may install a broker. */
const readyMs = 180_000;
const stopMs = 15_000;

interface LinkedStartOptions {
  /** What is a copy and no link, so that it can be changed. */
  copied?: readonly string[];
  args?: readonly string[];
}

/**
 * The program of `npm start` in a checkout of links, on ports of its own, so that neither the data
 * nor the `npm start` of this one is touched.
 */
export class LinkedStart {
  private child?: ChildProcess;

  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly args: readonly string[],
  ) {}

  /** @param folder is made; its parent gets the output, in `start.log` */
  static async create(
    folder: string,
    given: NodeJS.ProcessEnv,
    { copied = [], args = [] }: LinkedStartOptions = {},
  ): Promise<LinkedStart> {
    await mkdir(folder);
    for (const part of parts) {
      const [from, to] = [resolve(part), join(folder, part)];
      if (copied.includes(part)) await cp(from, to, { recursive: true });
      else await symlink(from, to, 'junction');
    }
    const ports = await freePorts(appNames.map(() => undefined));
    const env = { ...given };
    for (const [at, app] of appNames.entries()) {
      env[`PORT_${app.toUpperCase().replaceAll('-', '_')}`] = String(ports[at]);
    }
    return new LinkedStart(folder, env, args);
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** All that it has said. */
  get output(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  private get logFile(): string {
    return join(this.folder, '..', 'start.log');
  }

  /** @returns where everything is. @throws with its last lines, when it ends before it is ready */
  async start(): Promise<State> {
    const output = openSync(this.logFile, 'a');
    const program = ['--enable-source-maps', resolve('dist/dev/start.js'), ...this.args];
    const child = spawn(process.execPath, program, {
      cwd: this.folder,
      env: this.env,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.child = child;
    for (const deadline = Date.now() + readyMs; Date.now() < deadline; await delay(20)) {
      if (child.exitCode !== null) break;
      const state = await this.state();
      if (state?.services) return state;
    }
    await this.stop();
    throw new Error(`npm start is not ready: ${this.output.slice(-2_000)}`);
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await ended;
    clearTimeout(timer);
  }

  /** Undefined while none is written, or half of it. */
  private async state(): Promise<State | undefined> {
    try {
      return JSON.parse(await readFile(join(this.folder, stateFile), 'utf8')) as State;
    } catch {
      return undefined;
    }
  }
}
