import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { appNames } from '../../apps/services';
import { stateFile, type State } from '../../ops/shop/state';
import { freePorts } from '../local/ports';

/** What a start finds in its checkout. */
const parts = ['dist', 'apps', 'libs', 'node_modules', 'package.json'];
/** A first start may install a broker. */
const readyMs = 180_000;
const stopMs = 15_000;

/**
 * The program of `npm start` in a checkout of links, on ports of its own, so that neither the data
 * nor the `npm start` of this one is touched.
 */
export class LinkedStart {
  private child?: ChildProcess;

  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** @param folder is made; its parent gets the output, in `start.log` */
  static async create(folder: string, given: NodeJS.ProcessEnv): Promise<LinkedStart> {
    await mkdir(folder);
    for (const part of parts) await symlink(resolve(part), join(folder, part), 'junction');
    const ports = await freePorts(appNames.map(() => undefined));
    const env = { ...given };
    for (const [at, app] of appNames.entries()) {
      env[`PORT_${app.toUpperCase().replaceAll('-', '_')}`] = String(ports[at]);
    }
    return new LinkedStart(folder, env);
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @returns where everything is. @throws with its last lines, when it ends before it is ready */
  async start(): Promise<State> {
    const logFile = join(this.folder, '..', 'start.log');
    const output = openSync(logFile, 'a');
    const child = spawn(process.execPath, ['--enable-source-maps', resolve('dist/dev/start.js')], {
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
    throw new Error(`npm start is not ready: ${readFileSync(logFile, 'utf8').slice(-2_000)}`);
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
