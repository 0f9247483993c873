import { setTimeout as delay } from 'node:timers/promises';
import { services, type Service } from '../../apps/services';
import type { Broker, Database } from '../local/types';
import { messageOf } from '../time';
import { Audit } from './audit';
import { drillList, isDrill, type DrillName } from './drill-list';
import { say } from './lines';
import { instanceOf, type Worker, type Workers } from './workers';

const secondsMax = 60;

interface DrillTargets {
  broker: Broker;
  database: Database;
  workers: Workers;
  /** A server that is not ours is left alone. */
  own: { broker: boolean; database: boolean };
}

interface Asked {
  service?: string;
  seconds?: number;
}

interface Running {
  name: DrillName;
  text: string;
  startedAt: number;
  endsAt?: number;
}

/** It cannot be done, or not now. */
export class DrillRefused extends Error {}

/** Breaks what this start runs, one thing at a time, and always mends it. */
export class Drills {
  private readonly closing = new AbortController();
  private readonly audit = new Audit();
  private running?: Running & { ended: Promise<void> };
  private last?: Running & { endedAt: number; outcome: string };

  constructor(private readonly targets: DrillTargets) {}

  /** As the console shows it. */
  get state(): object {
    const { ended: _, ...running } = this.running ?? {};
    return {
      available: true,
      drills: drillList.map((drill) => ({ ...drill, enabled: this.isEnabled(drill.name) })),
      workers: this.targets.workers.all.filter(isOfShop).map((worker) => ({
        service: worker.app,
        instance: instanceOf(worker),
        pid: worker.process?.pid ?? 0,
        url: `http://localhost:${worker.port}`,
        state: worker.state,
        added: worker.added,
      })),
      running: this.running && running,
      last: this.last,
      audit: this.audit.state,
    };
  }

  /** Begins it; its end is in the state. @throws DrillRefused */
  begin(name: string, asked: Asked): void {
    if (!isDrill(name)) throw new DrillRefused(`no such drill: ${name}`);
    if (this.closing.signal.aborted) throw new DrillRefused('npm start stops');
    if (this.running) throw new DrillRefused(`${this.running.text} is still going on`);
    if (!this.isEnabled(name)) throw new DrillRefused(`${name} cannot be done now`);
    const seconds = secondsOf(name, asked);
    const { text, act } = this.planOf(name, asked, seconds);
    const startedAt = Date.now();
    const endsAt = seconds === undefined ? undefined : startedAt + seconds * 1_000;
    say(`drill: ${text}`);
    const running = { name, text, startedAt, ...(endsAt !== undefined && { endsAt }) };
    const ended = act().then(
      (outcome) => this.end(running, outcome),
      (error: unknown) => this.end(running, `failed: ${messageOf(error)}`),
    );
    this.running = { ...running, ended };
  }

  /** Asks whether all that the services say fits together. */
  beginAudit(): void {
    this.audit.begin();
  }

  /** Resolves when everything is mended. */
  async close(): Promise<void> {
    this.closing.abort();
    this.audit.stop();
    await this.running?.ended;
  }

  private end(running: Running, outcome: string): void {
    say(`drill: ${running.text}: ${outcome}`);
    this.last = { ...running, endedAt: Date.now(), outcome };
    this.running = undefined;
  }

  private isEnabled(name: DrillName): boolean {
    const { workers, own } = this.targets;
    if (name === 'freeze-database') return own.database;
    if (name === 'kill-broker') return own.broker;
    const all = workers.all.filter(isOfShop);
    if (name === 'start-worker') return all.some(({ state }) => state === 'stopped');
    if (name === 'remove-worker') return all.some(({ added }) => added);
    return true;
  }

  private planOf(name: DrillName, asked: Asked, seconds = 0) {
    const { workers } = this.targets;
    const { signal } = this.closing;
    const plan = (text: string, act: () => Promise<string>) => ({ text, act });
    switch (name) {
      case 'stop-worker': {
        const worker = this.workerFor(asked);
        return plan(`stop ${worker.app}`, async () => {
          await workers.stop(worker);
          return `${worker.app} has ended`;
        });
      }
      case 'start-worker': {
        const worker = this.workerFor(asked);
        return plan(`start ${worker.app}`, async () => {
          await workers.start(worker, signal);
          return `${worker.app} is ready`;
        });
      }
      case 'add-worker': {
        const { app } = this.workerFor(asked);
        return plan(`add a worker to ${app}`, async () => {
          const { process } = await workers.add(app, signal);
          return `process ${process?.pid} is ready`;
        });
      }
      case 'remove-worker': {
        const { app } = this.workerFor(asked);
        return plan(`remove a worker of ${app}`, async () => {
          await workers.remove(app);
          return 'it has ended';
        });
      }
      case 'freeze-database':
        return plan(`freeze the database for ${seconds} s`, () => this.freeze(seconds));
      case 'kill-connections':
        return plan('cut all connections to the broker', () => this.killConnections());
      case 'kill-broker':
        return plan(`kill the broker, back after ${seconds} s`, () => this.killBroker(seconds));
    }
  }

  private workerFor({ service = 'payments' }: Asked): Worker {
    const isService = services.includes(service as Service);
    const worker = isService ? this.targets.workers.of(service as Service) : undefined;
    if (!worker) throw new DrillRefused(`no such service: ${service}`);
    return worker;
  }

  private async freeze(seconds: number): Promise<string> {
    const { database } = this.targets;
    const startedMs = performance.now();
    await database.freeze();
    try {
      await this.wait(seconds);
    } finally {
      await database.thaw();
    }
    return `it answers again after ${secondsSince(startedMs)} s`;
  }

  private async killConnections(): Promise<string> {
    const { broker } = this.targets;
    // All of Nest comes with it: not before it is needed.
    const { BrokerApi } = await import('@tradepost/messaging');
    const api = new BrokerApi(broker.managementUrl, broker.url);
    const names = await api.connectionNames();
    await Promise.all(names.map((name) => api.closeConnection(name)));
    return `${names.length} connections were cut`;
  }

  // Killed, it has to be there again even when this start stops meanwhile: it is stopped in order.
  private async killBroker(seconds: number): Promise<string> {
    const { broker } = this.targets;
    const startedMs = performance.now();
    await broker.kill();
    await this.wait(seconds);
    if (this.closing.signal.aborted) return 'it stays away: npm start stops';
    await broker.resume();
    return `it is back after ${secondsSince(startedMs)} s`;
  }

  private async wait(seconds: number): Promise<void> {
    const { signal } = this.closing;
    await delay(seconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
}

function secondsSince(startedMs: number): string {
  return ((performance.now() - startedMs) / 1_000).toFixed(1);
}

function isOfShop({ app }: Worker): boolean {
  return services.includes(app as Service);
}

function secondsOf(name: DrillName, asked: Asked): number | undefined {
  const drill = drillList.find((one) => one.name === name);
  if (drill === undefined || !('seconds' in drill)) return undefined;
  const { seconds = drill.seconds } = asked;
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= secondsMax) return seconds;
  throw new DrillRefused(`seconds must be 1 to ${secondsMax}`);
}
