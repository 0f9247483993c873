import { resolve } from 'node:path';
import { freePorts } from '../../dev/local/ports';
import { Program } from '../harness/program';
import type { Setting, Work } from '../harness/work';
import { salesAt, ShopSubject } from '../sale/shop-subject';
import { ShopSystem } from '../sale/shop-system';

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

/** The first, and one that uses all there is. */
const smoke = ['off', 'sampled-100'];

export const telemetry: Work = {
  name: 'telemetry',
  title: (scale) =>
    `${salesAt(scale)}, in shops that differ in their traces: ` +
    'off; the API alone, called at each seam; 1 % and 100 % of them kept.',
  subjects: (setting) => {
    const sink = new Sink(setting);
    const names = setting.scale === 'smoke' ? smoke : Object.keys(environments);
    return names.map((name) => new Traced(name, setting, sink));
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

class Traced extends ShopSubject {
  constructor(
    name: string,
    setting: Setting,
    private readonly sink: Sink,
  ) {
    super(name, setting);
  }

  protected async create(): Promise<ShopSystem> {
    const early = environments[this.name]?.(await this.sink.start());
    return new ShopSystem(`traces-${this.name}`, this.setting, undefined, { early });
  }

  protected async close(): Promise<void> {
    await this.sink.stop();
  }
}
