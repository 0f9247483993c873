import { resolve } from 'node:path';
import { freePorts } from '../../dev/local/ports';
import { Program } from '../harness/program';
import type { Figures, Setting, Subject, Work } from '../harness/work';
import { placeAtOnce } from '../sale/client';
import { connections, sell } from '../sale/sell';
import { ShopSystem } from '../sale/shop-system';

const counts = {
  full: { orders: 3_000, warmUp: 3_000 },
  quick: { orders: 600, warmUp: 600 },
  smoke: { orders: 10, warmUp: 2 },
};

const apiOnly = resolve('dist/bench/telemetry/api-only.js');

/** By the share of traces that are kept. */
const sampled = (share: number) => (endpoint: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
  OTEL_TRACES_SAMPLER_ARG: String(share),
});

/** What the processes of each have in their environment. */
const environments: Record<string, (endpoint: string) => Record<string, string>> = {
  off: () => ({}),
  'api-only': () => ({ NODE_OPTIONS: `--require "${apiOnly}"` }),
  'sampled-1': sampled(0.01),
  'sampled-100': sampled(1),
};

export const telemetry: Work = {
  name: 'telemetry',
  title: (scale) =>
    `The sale over ${connections} connections, ${counts[scale].orders} orders, in shops that ` +
    'differ in their traces: off; the API alone, called at each seam; 1 % and 100 % of them kept.',
  subjects: (setting) => {
    const sink = new Sink(setting);
    return Object.keys(environments).map((name) => new Traced(name, setting, sink));
  },
  columns: {
    completedPerSecond: 'completed/s',
    cpuMs: 'CPU ms a sale',
    'cpu.services': '– of it services',
    'cpu.postgres': '– PostgreSQL',
    'post.p99Ms': 'POST p99 ms',
    'flow.p99Ms': 'placed → completed p99 ms',
    foreign: 'foreign',
  },
  ratios: ['completedPerSecond', 'cpuMs', 'cpu.services', 'post.p99Ms', 'flow.p99Ms'],
};

/** The collector of all, a process of its own. */
class Sink {
  private program?: Program;
  private started?: Promise<string>;

  constructor(private readonly setting: Setting) {}

  async start(): Promise<string> {
    this.started ??= this.open();
    return this.started;
  }

  async stop(): Promise<void> {
    await this.program?.stop();
    this.program = undefined;
  }

  private async open(): Promise<string> {
    const [port] = await freePorts([undefined]);
    const { folder } = this.setting;
    const env = { PORT: String(port) };
    this.program = new Program({ name: 'sink', main: 'bench/telemetry/sink.js', env, folder });
    return `http://127.0.0.1:${port}`;
  }
}

class Traced implements Subject {
  private shop?: ShopSystem;

  constructor(
    readonly name: string,
    private readonly setting: Setting,
    private readonly sink: Sink,
  ) {}

  async start(): Promise<void> {
    const early = environments[this.name]?.(await this.sink.start());
    this.shop = new ShopSystem(`traces-${this.name}`, this.setting, undefined, { early });
    await this.shop.start();
    await this.sell(counts[this.setting.scale].warmUp);
  }

  async run(): Promise<Figures> {
    return this.sell(counts[this.setting.scale].orders);
  }

  async stop(): Promise<void> {
    await this.shop?.stop();
    await this.sink.stop();
  }

  private async sell(orders: number) {
    const { shop } = this;
    if (shop === undefined) throw new Error(`${this.name} does not run`);
    return sell(shop, () => placeAtOnce(shop.orders, { orders, connections }));
  }
}
