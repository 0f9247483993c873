import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LinkedStart } from '../../dev/start/linked-start';
import { measure, memory } from '../harness/measure';
import type { Figures, Setting, Subject, Work } from '../harness/work';

const idleSeconds = { full: 10, quick: 3, smoke: 0.2 };
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
  private checkout?: LinkedStart;

  constructor(private readonly setting: Setting) {}

  async start(): Promise<void> {
    const env = { ...process.env };
    for (const name of ['AMQP_URL', 'POSTGRES_URL']) delete env[name];
    this.checkout = await LinkedStart.create(join(this.setting.folder, 'checkout'), env);
    await this.checkout.start();
    await this.stop();
  }

  async run(): Promise<Figures> {
    const { checkout } = this;
    if (checkout === undefined) throw new Error('it was not started before');
    try {
      const startedMs = performance.now();
      const { services } = await checkout.start();
      const readySeconds = (performance.now() - startedMs) / 1_000;
      const running = Object.entries(services ?? {});
      const pids = Object.fromEntries(running.map(([name, { pid }]) => [name, pid]));
      const idle = await measure(
        pids,
        () => delay(idleSeconds[this.setting.scale] * 1_000),
        checkout.pid,
      );
      const each = Object.entries(idle.cpu ?? {}).filter(([name]) => name !== 'client');
      const perSecond = each.map(([name, ms]) => [name, (ms * 1_000) / idle.ms] as const);
      return {
        readySeconds,
        ...(idle.cpu && { idleCpuMsPerSecond: perSecond.reduce((sum, [, ms]) => sum + ms, 0) }),
        idle: Object.fromEntries(perSecond),
        memoryMiB: memory(pids, checkout.pid),
      };
    } finally {
      await this.stop();
    }
  }

  async finish(): Promise<Figures> {
    return this.setting.scale === 'full' ? { imageMB: await imageMB() } : {};
  }

  async stop(): Promise<void> {
    await this.checkout?.stop();
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
