import { Db } from '@tradepost/database';
import { setTimeout as delay } from 'node:timers/promises';
import { apps } from '../../apps/services';
import { freePorts } from '../../dev/local/ports';
import { untilReady } from '../../dev/time';
import { cpuFigures, measure, type Pids } from '../harness/measure';
import { ObedientProgram } from '../harness/obedient-program';
import { createOwnDatabase } from '../harness/own-database';
import { Program } from '../harness/program';
import { createDb } from '../harness/servers';
import { VirtualHost } from '../harness/virtual-host';
import type { Figures, Scale, Setting, Subject, Work } from '../harness/work';
import { text } from './line';
import type { Command } from './protocol';

const counts: Record<Scale, number> = { full: 30_000, quick: 5_000, smoke: 60 };
const warmUps: Record<Scale, number> = { full: 10_000, quick: 2_000, smoke: 0 };
const loggers = 3;
/** None of them reaches it: a service sends 5,000 lines a second at most unless it is told more. */
const perSecondMax = '100000';
const readyMs = 30_000;
const writeMs = 60_000;
const countEveryMs = 50;
/** Entries that are not stored after so long without a new one are lost. */
const idleMaxMs = 5_000;

/** Entries a figure of CPU is for. */
const unit = 1_000;

export const logs: Work = {
  name: 'logs',
  title: (scale) =>
    `${counts[scale].toLocaleString('en-US')} lines, logged by ${loggers} services and stored by ` +
    `log-sink, against the same rows inserted in large batches. CPU is for 1,000 of them.`,
  subjects: (setting) => [new ShopLogs(setting), new RawInserts(setting)],
  columns: {
    entriesPerSecond: 'stored/s',
    loggedPerSecond: 'logged/s',
    cpuMs: 'CPU ms',
    'cpu.loggers': 'loggers',
    'cpuOfService.log-sink': 'log-sink',
    'cpu.broker': 'broker',
    'cpu.postgres': 'PostgreSQL',
    lost: 'lost',
  },
  ratios: ['entriesPerSecond', 'cpuMs'],
};

/** A table of entries, and what writes into it. */
abstract class Entries implements Subject {
  abstract readonly name: string;
  protected readonly writers: ObedientProgram<Command>[] = [];
  protected readonly undo: (() => Promise<void>)[] = [];
  private db?: Db;

  constructor(protected readonly setting: Setting) {}

  protected abstract startWriters(serviceUrl: string): Promise<void>;
  protected abstract get pids(): Pids;

  async start(): Promise<void> {
    const { servers, scale } = this.setting;
    const name = `bench_logs_${this.name.replaceAll(' ', '_')}`;
    const database = await createOwnDatabase(servers, name, apps['log-sink'].migrations);
    this.undo.push(() => database.drop());
    const db = createDb(database.url);
    this.db = db;
    this.undo.push(() => db.close());
    await this.startWriters(database.serviceUrl);
    await Promise.all(this.writers.map((one) => one.ask({ do: 'report-ready' }, readyMs)));
    await this.write(warmUps[scale]);
  }

  async run(): Promise<Figures> {
    const count = counts[this.setting.scale];
    await this.db?.query({ name: 'bench-truncate', text: 'TRUNCATE log_entries' });
    const measured = await measure(this.pids, () => this.write(count));
    const { cpuOfService, cpu, ...figures } = cpuFigures(measured, count / unit);
    const ofLoggers = Object.entries((cpuOfService ?? {}) as Record<string, number>)
      .filter(([name]) => name !== 'log-sink')
      .reduce((sum, [, ms]) => sum + ms, 0);
    return {
      ...measured.result,
      ...figures,
      cpuOfService,
      cpu: { ...(cpu as Figures), loggers: ofLoggers },
    };
  }

  async stop(): Promise<void> {
    for (const undo of this.undo.splice(0).reverse()) await undo();
  }

  private async write(count: number): Promise<Figures> {
    const before = await this.stored();
    const share = Math.ceil(count / this.writers.length);
    const firstAt = Date.now();
    const writing = this.writers.map((one, i) =>
      one.ask({ do: 'write', count: Math.min(share, count - share * i) }, writeMs),
    );
    const logged = Promise.all(writing).then(() => Date.now());
    logged.catch(() => undefined);
    const { stored, lastAt } = await this.untilStored(before, count);
    const seconds = (until: number) => Math.max(until - firstAt, 1) / 1_000;
    return {
      entriesPerSecond: stored / seconds(lastAt),
      loggedPerSecond: count / seconds(await logged),
      lost: count - stored,
    };
  }

  private async untilStored(before: number, count: number) {
    let stored = 0;
    let lastAt = Date.now();
    while (stored < count && Date.now() - lastAt < idleMaxMs) {
      await delay(countEveryMs);
      const now = (await this.stored()) - before;
      if (now > stored) lastAt = Date.now();
      stored = now;
    }
    return { stored, lastAt };
  }

  private async stored(): Promise<number> {
    const statement = {
      name: 'bench-count-entries',
      text: 'SELECT count(*) AS count FROM log_entries WHERE message = $1',
    };
    const [row] = (await this.db?.query<{ count: number }>(statement, [text])) ?? [];
    return row?.count ?? 0;
  }
}

class ShopLogs extends Entries {
  readonly name = 'tradepost';
  private sink?: Program;

  protected get pids(): Pids {
    const named = this.writers.map(({ pid }, i): [string, number] => [`logger-${i + 1}`, pid]);
    return { ...Object.fromEntries(named), 'log-sink': this.sink?.pid ?? 0 };
  }

  protected async startWriters(serviceUrl: string): Promise<void> {
    const { servers, folder } = this.setting;
    const vhost = await VirtualHost.create(servers.broker, 'bench-logs');
    this.undo.push(() => vhost.drop());
    const [port] = await freePorts([undefined]);
    const env = {
      ...{ AMQP_URL: vhost.url, POSTGRES_URL: serviceUrl },
      ...{ PORT: String(port), AUTH: 'none' },
    };
    const main = 'apps/log-sink/src/main.js';
    const sink = new Program({ name: 'log-sink', main, env, folder });
    this.sink = sink;
    this.undo.push(() => sink.stop());
    await untilReady(`http://127.0.0.1:${port}`, { withinMs: readyMs });
    for (let i = 1; i <= loggers; i += 1) {
      const program = new ObedientProgram<Command>({
        name: `logger-${i}`,
        main: 'bench/logs/logging-service.js',
        env: { ...env, LOG_TOPIC_PER_SECOND_MAX: perSecondMax },
        folder,
      });
      this.writers.push(program);
      this.undo.push(() => program.stop());
    }
  }
}

class RawInserts extends Entries {
  readonly name = 'raw inserts';

  protected get pids(): Pids {
    return { inserter: this.writers[0]?.pid ?? 0 };
  }

  protected async startWriters(serviceUrl: string): Promise<void> {
    const { folder } = this.setting;
    const program = new ObedientProgram<Command>({
      name: 'raw-inserter',
      main: 'bench/logs/raw-inserter.js',
      env: { POSTGRES_URL: serviceUrl },
      folder,
    });
    this.writers.push(program);
    this.undo.push(() => program.stop());
  }
}
