import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import type { System } from '../api/live';
import { Topologies } from '../flow/topologies';
import { BrokerView } from './broker-view';
import { Instances } from './instances';
import { ShopFigures } from './shop-figures';
import { SystemView } from './system-view';

const everyMs = 1_000;
/** The first picture is told when all have answered, or so late: who is silent then is down. */
const firstMaxMs = 1_600;
/** A page that is loaded anew comes back within this time. */
const lingerMs = 5_000;

/** What else is done while somebody looks. */
export interface Watch {
  start(): void;
  stop(): void;
}

/** Asks the whole system once a second for all open pages; while none is open, nothing is asked. */
@Injectable()
export class Poller implements BeforeApplicationShutdown {
  private readonly log = new Logger(Poller.name);
  private readonly readers = new Set<(system: System, json: string) => void>();
  private readonly watches: Watch[] = [];
  private timer?: NodeJS.Timeout;
  private lingering?: NodeJS.Timeout;
  private last?: { at: number; system: System; json: string };
  private readonly known = new Map<string, string>();

  constructor(
    private readonly instances: Instances,
    private readonly broker: BrokerView,
    private readonly topologies: Topologies,
    private readonly shop: ShopFigures,
    private readonly view: SystemView,
  ) {}

  get isRunning(): boolean {
    return this.timer !== undefined;
  }

  /** Started and stopped with the poller. */
  watchWith(watch: Watch): void {
    this.watches.push(watch);
    if (this.isRunning) watch.start();
  }

  /** @returns a function that ends it */
  read(reader: (system: System, json: string) => void): () => void {
    this.readers.add(reader);
    clearTimeout(this.lingering);
    if (!this.isRunning) this.start();
    else if (this.last) reader(this.last.system, this.last.json);
    return () => {
      this.readers.delete(reader);
      if (this.readers.size > 0) return;
      this.lingering = setTimeout(() => this.stop(), lingerMs).unref();
    };
  }

  beforeApplicationShutdown(): void {
    clearTimeout(this.lingering);
    this.stop();
  }

  private start(): void {
    for (const watch of this.watches) watch.start();
    this.last = undefined;
    let isKnown = false;
    const first = () => {
      if (!isKnown) this.tell();
      isKnown = true;
    };
    setTimeout(first, firstMaxMs).unref();
    this.ask().then(first, first);
    this.timer = setInterval(() => {
      if (isKnown) this.tell();
      this.ask().then(undefined, () => undefined);
    }, everyMs);
  }

  private stop(): void {
    if (!this.isRunning) return;
    clearInterval(this.timer);
    this.timer = undefined;
    for (const watch of this.watches) watch.stop();
  }

  // Each question has its own bound, and none waits for another's answer.
  private async ask(): Promise<void> {
    const all = [this.instances, this.broker, this.topologies, this.shop];
    const asked = await Promise.allSettled(all.map((one) => one.poll()));
    for (const one of asked) {
      if (one.status === 'rejected') this.log.warn('not asked', { error: String(one.reason) });
    }
  }

  private tell(): void {
    if (!this.isRunning) return;
    this.noticeStarts();
    const system = this.view.read();
    const json = JSON.stringify(system);
    this.last = { at: system.at, system, json };
    for (const reader of this.readers) reader(system, json);
  }

  /** A process that has started anew may declare another topology. */
  private noticeStarts(): void {
    for (const { service, url, report } of this.instances.all) {
      const instance = report.value?.instance ?? '';
      if (this.known.get(url) === instance) continue;
      this.known.set(url, instance);
      this.topologies.hurry(service);
    }
  }
}
