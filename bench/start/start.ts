import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { appNames } from '../../apps/services';
import { freePorts } from '../../dev/local/ports';
import { eventually } from '@tradepost/messaging/testing';
import { stateFile, type State } from '../../ops/shop/state';
import { measure, memory } from '../harness/measure';
import type { Figures, Setting, Subject, Work } from '../harness/work';

/** A first start may install a broker. */
const readyMs = 180_000;
const stopMs = 15_000;
const idleSeconds = { full: 10, quick: 3, smoke: 0.2 };
/** What a start finds in its checkout. */
const parts = ['dist', 'apps', 'libs', 'node_modules', 'package.json'];

export const start: Work = {
  name: 'start',
  title: (scale) =>
    'The program of `npm start`, with data of an earlier one, until every service is ready; then ' +
    `${idleSeconds[scale]} s in which nobody asks for anything.`,
  subjects: (setting) => [new Start(setting)],
  columns: {
    readySeconds: 'seconds until ready',
    idleCpuMsPerSecond: 'idle: CPU ms a second',
    'idle.orders': '– orders',
    'idle.financial': '– financial',
    'idle.payments': '– payments',
    'idle.users': '– users',
    'idle.log-sink': '– log-sink',
    'idle.postgres': '– PostgreSQL',
    'idle.broker': '– broker',
    'memoryMiB.orders': 'resident MiB: orders',
    'memoryMiB.financial': '– financial',
    'memoryMiB.payments': '– payments',
    'memoryMiB.users': '– users',
    'memoryMiB.log-sink': '– log-sink',
    'memoryMiB.postgres': '– PostgreSQL, all of its processes',
    'memoryMiB.broker': '– broker',
    imageMB: 'image MB',
  },
};

class Start implements Subject {
  readonly name = 'tradepost';
  private readonly folder: string;
  private env: NodeJS.ProcessEnv = {};
  private child?: ChildProcess;

  constructor(private readonly setting: Setting) {
    this.folder = join(setting.folder, 'checkout');
  }

  /** A checkout of links, so that neither the data nor the `npm start` of this one is touched. */
  async start(): Promise<void> {
    await mkdir(this.folder);
    for (const part of parts) await symlink(resolve(part), join(this.folder, part), 'junction');
    const ports = await freePorts(appNames.map(() => undefined));
    const variables = appNames.map((app, at) => [
      `PORT_${app.toUpperCase().replaceAll('-', '_')}`,
      String(ports[at]),
    ]);
    this.env = { ...process.env, ...(Object.fromEntries(variables) as NodeJS.ProcessEnv) };
    for (const name of ['AMQP_URL', 'POSTGRES_URL']) delete this.env[name];
    await this.untilReady();
    await this.stop();
  }

  async run(): Promise<Figures> {
    try {
      const startedMs = performance.now();
      const { services } = await this.untilReady();
      const readySeconds = (performance.now() - startedMs) / 1_000;
      const running = Object.entries(services ?? {});
      const pids = Object.fromEntries(running.map(([name, { pid }]) => [name, pid]));
      const idle = await measure(
        pids,
        () => delay(idleSeconds[this.setting.scale] * 1_000),
        this.child?.pid,
      );
      const each = Object.entries(idle.cpu ?? {}).filter(([name]) => name !== 'client');
      const perSecond = each.map(([name, ms]) => [name, (ms * 1_000) / idle.ms] as const);
      return {
        readySeconds,
        ...(idle.cpu && { idleCpuMsPerSecond: perSecond.reduce((sum, [, ms]) => sum + ms, 0) }),
        idle: Object.fromEntries(perSecond),
        memoryMiB: memory(pids, this.child?.pid),
      };
    } finally {
      await this.stop();
    }
  }

  async finish(): Promise<Figures> {
    return this.setting.scale === 'full' ? { imageMB: await imageMB() } : {};
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

  private async untilReady(): Promise<State> {
    const logFile = join(this.setting.folder, 'start.log');
    const output = openSync(logFile, 'a');
    const program = resolve('dist/dev/start.js');
    const child = spawn(process.execPath, ['--enable-source-maps', program], {
      cwd: this.folder,
      env: this.env,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.child = child;
    const noted = async () => {
      if (child.exitCode !== null) {
        throw new Error(`npm start ended: ${readFileSync(logFile, 'utf8').slice(-2_000)}`);
      }
      const state = JSON.parse(await readFile(join(this.folder, stateFile), 'utf8')) as State;
      if (!state.services) throw new Error('it is not ready');
      return state;
    };
    return eventually(noted, { withinMs: readyMs, everyMs: 20, what: 'npm start is ready' });
  }
}

/** Undefined where no Docker answers or builds. */
async function imageMB(): Promise<number | undefined> {
  const docker = promisify(execFile);
  try {
    const { stdout: id } = await docker('docker', ['build', '--quiet', '.']);
    const format = ['--format', '{{.Size}}'];
    const { stdout: bytes } = await docker('docker', ['image', 'inspect', ...format, id.trim()]);
    return Number(bytes) / 1_000_000;
  } catch {
    return undefined;
  }
}
