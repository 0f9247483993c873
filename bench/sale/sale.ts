import { durable, type Counters } from '../harness/durable';
import { statementsIn } from '../harness/statements';
import type { Figures, Setting, Subject, Work } from '../harness/work';
import { placeAtOnce, placeEvenly } from './client';
import { connections, sell } from './sell';
import { ShopSystem } from './shop-system';
import { StockSystem } from './stock-system';
import type { SaleSystem } from './system';

/** Of the system's own ceiling, at which it must have no backlog. */
const share = 0.7;

const counts = {
  full: { orders: 3_000, warmUp: 10_000, evenSeconds: 10 },
  quick: { orders: 600, warmUp: 300, evenSeconds: 3 },
  smoke: { orders: 20, warmUp: 4, evenSeconds: 0.5 },
};

export const sale: Work = {
  name: 'sale',
  title: (scale) =>
    `POST of an order to its completion: ${counts[scale].orders} orders over ${connections} ` +
    `connections, then at even intervals at ${share * 100} % of the rate that gave.`,
  subjects: (setting) => [
    new Sale(new ShopSystem('tradepost', setting), setting),
    new Sale(new StockSystem(setting), setting),
  ],
  columns: {
    completedPerSecond: 'completed/s',
    acceptedPerSecond: 'accepted/s',
    waiting: 'accepted, not completed, at the last answer',
    cpuMs: 'CPU ms a sale',
    'cpu.services': '– of it services',
    'cpu.postgres': '– PostgreSQL',
    'cpu.broker': '– broker',
    'cpu.client': 'client, not in it',
    statements: 'SQL statements a sale',
    messages: 'messages published a sale',
    networkKiB: "KiB over the broker's connections a sale",
    postgresLogKiB: "KiB in PostgreSQL's write-ahead log a sale",
    postgresSyncs: '– fsyncs a sale',
    brokerLogKiB: "KiB in the broker's write-ahead log a sale",
    brokerSyncs: '– fsyncs a sale',
    'post.p50Ms': 'POST p50 ms',
    'post.p99Ms': 'POST p99 ms',
    'flow.p50Ms': 'placed → completed p50 ms',
    'flow.p99Ms': 'placed → completed p99 ms',
    'at70.completedPerSecond': 'at 70 %: completed/s',
    'at70.cpuMs': 'at 70 %: CPU ms a sale',
    'at70.post.p99Ms': 'at 70 %: POST p99 ms',
    'at70.flow.p50Ms': 'at 70 %: placed → completed p50 ms',
    'at70.flow.p99Ms': 'at 70 %: placed → completed p99 ms',
    foreign: 'foreign',
  },
  ratios: [
    'completedPerSecond',
    'acceptedPerSecond',
    'cpuMs',
    'statements',
    'messages',
    'post.p50Ms',
    'post.p99Ms',
    'flow.p99Ms',
    'at70.post.p99Ms',
    'at70.flow.p99Ms',
  ],
};

/** The work with one system. */
class Sale implements Subject {
  private sold = 0;

  constructor(
    private readonly system: SaleSystem & { assertAudited?(): Promise<void> },
    private readonly setting: Setting,
  ) {}

  get name(): string {
    return this.system.name;
  }

  async start(): Promise<void> {
    await this.system.start();
    await this.sell(counts[this.setting.scale].warmUp);
  }

  async run(): Promise<Figures> {
    const { orders, evenSeconds } = counts[this.setting.scale];
    const before = await this.counters();
    const ceiling = await this.sell(orders);
    const after = await this.counters();
    const perSecond = share * ceiling.completedPerSecond;
    const evenly = { orders: Math.ceil(evenSeconds * perSecond), perSecond };
    const at70 = await sell(this.system, () => placeEvenly(this.system.orders, evenly));
    this.sold += evenly.orders;
    return { ...ceiling, ...each(before, after, orders), at70 };
  }

  /** What all runs left behind agrees, or nothing that they measured counts. */
  async finish(): Promise<Figures> {
    const [{ published, networkKiB }] = await Promise.all([
      this.system.host.counted(),
      this.system.assertAudited?.(),
    ]);
    return { messages: published / this.sold, networkKiB: networkKiB / this.sold };
  }

  stop(): Promise<void> {
    return this.system.stop();
  }

  private async sell(orders: number) {
    this.sold += orders;
    return sell(this.system, () => placeAtOnce(this.system.orders, { orders, connections }));
  }

  private async counters(): Promise<Counters> {
    const { servers } = this.setting;
    const statements = await statementsIn(servers, this.system.databases);
    return { statements, ...(await durable(servers)) };
  }
}

/** What was counted in between, for one of so many; nothing of what one server does not count. */
function each(before: Counters, after: Counters, count: number): Figures {
  return Object.fromEntries(
    Object.entries(after).map(([name, last]) => {
      const first = before[name];
      const isCounted = first !== undefined && last !== undefined;
      return [name, isCounted ? (last - first) / count : undefined];
    }),
  );
}
