import type { Db } from '@tradepost/database';
import { memory } from '../harness/measure';
import { untilNone } from '../harness/until-none';
import { Shop } from '../harness/shop';
import type { Figures, Scale, Setting, Subject, Work } from '../harness/work';
import { placeAtOnce } from '../sale/client';
import { newOrder } from '../sale/new-order';
import { connections } from '../sale/sell';

const pollMs = 100;
const sampleMs = 500;

const columns = {
  drainSeconds: 'seconds from the first completed to the last',
  completedPerSecond: 'completed/s',
};

export const backlog = drains('backlog', {
  counts: { full: 100_000, quick: 2_000, smoke: 12 },
  columns: {
    ...columns,
    'peakMiB.payments': 'most resident MiB: a worker of payments',
    'peakMiB.orders': '– orders',
    'peakMiB.financial': '– financial',
    'peakMiB.users': '– users',
    'peakMiB.log-sink': '– log-sink',
    'peakMiB.broker': '– broker',
    'peakMiB.postgres': '– PostgreSQL, all of its processes',
  },
});

/** Here a worker waits for the gateway most of its time, and the machine has room for others. */
export const workers = drains('workers', {
  counts: { full: 20_000, quick: 1_000, smoke: 12 },
  columns,
  gatewayMs: 200,
});

interface Draining {
  counts: Record<Scale, number>;
  columns: Record<string, string>;
  /** How long the gateway takes for a charge; as in `npm start` unless given. */
  gatewayMs?: number;
}

function drains(name: string, { counts, columns, gatewayMs }: Draining): Work {
  const answering = gatewayMs === undefined ? '' : `, whose gateway answers after ${gatewayMs} ms,`;
  return {
    name,
    title: (scale) =>
      `${counts[scale].toLocaleString('en-US')} confirmed and booked sales wait while no ` +
      `payments runs; then so many workers of it${answering} take them, until each is completed.`,
    subjects: (setting) => {
      const shop = new ShopWithoutPayments(name, setting);
      const orders = counts[setting.scale];
      const numbers = setting.scale === 'full' ? [1, 2, 4] : [1, 2];
      return numbers.map((workers) => new Drain({ workers, orders, gatewayMs }, shop));
    },
    columns,
    ratios: ['drainSeconds'],
    runs: { full: 1, quick: 1 },
  };
}

/** One shop for all of them, up from the first start to the first stop. */
class ShopWithoutPayments {
  private opened?: Promise<Shop>;

  constructor(
    private readonly name: string,
    private readonly setting: Setting,
  ) {}

  open(): Promise<Shop> {
    this.opened ??= Shop.create(this.name, this.setting).then(async (shop) => {
      // Once with payments: its first start makes the queue in which sales wait.
      await shop.start();
      await shop.stop(['payments']);
      return shop;
    });
    return this.opened;
  }

  async close(): Promise<void> {
    const shop = await this.opened;
    this.opened = undefined;
    await shop?.drop();
  }
}

class Drain implements Subject {
  readonly name: string;

  constructor(
    private readonly options: { workers: number; orders: number; gatewayMs?: number },
    private readonly shop: ShopWithoutPayments,
  ) {
    const { workers } = options;
    this.name = workers === 1 ? 'one worker' : `${workers} workers`;
  }

  async start(): Promise<void> {
    await this.shop.open();
  }

  async run(): Promise<Figures> {
    const { workers, orders, gatewayMs } = this.options;
    const shop = await this.shop.open();
    const db = shop.db('orders');
    const names = Array.from({ length: workers }, (_, at) => `payments-${at + 1}`);
    try {
      const since = await this.fill(shop, db, orders);
      await shop.start(names, gatewayMs ? { SANDBOX_LATENCY_MS: String(gatewayMs) } : {});
      const peakMiB = await this.drain(shop, db);
      const { completed, seconds } = await drained(db, since);
      if (completed !== orders) throw new Error(`${completed} of ${orders} orders are completed`);
      return { drainSeconds: seconds, completedPerSecond: completed / seconds, peakMiB };
    } finally {
      await shop.stop(names);
      await db.close();
    }
  }

  async stop(): Promise<void> {
    await this.shop.close();
  }

  /** Resolves when every sale waits for payments, and for nothing else. */
  private async fill(shop: Shop, db: Db, orders: number): Promise<Date> {
    const since = new Date();
    const url = new URL('/v1/orders', shop.url('orders'));
    await placeAtOnce({ url, body: () => newOrder() }, { orders, connections });
    await untilNo(
      db,
      'orders that are not booked',
      "status = 'pending' OR status = 'awaiting_payment' AND NOT booked",
    );
    shop.assertWell();
    return since;
  }

  /** @returns the most that each process held meanwhile; of payments, the largest of its workers */
  private async drain(shop: Shop, db: Db): Promise<Record<string, number>> {
    const most: Record<string, number> = {};
    const sample = () => {
      for (const [name, mib] of Object.entries(memory(shop.pids))) {
        const group = name.startsWith('payments') ? 'payments' : name;
        most[group] = Math.max(most[group] ?? 0, mib);
      }
    };
    sample();
    const sampling = setInterval(sample, sampleMs);
    const open = "status IN ('pending', 'awaiting_payment', 'paid')";
    await untilNo(db, 'orders that are not completed', open).finally(() => clearInterval(sampling));
    sample();
    shop.assertWell();
    return most;
  }
}

function untilNo(db: Db, name: string, condition: string): Promise<void> {
  const text = `SELECT count(*) AS orders FROM orders WHERE ${condition}`;
  const count = async () => (await db.query<{ orders: number }>({ name, text }))[0]?.orders ?? 0;
  return untilNone(count, { everyMs: pollMs, what: name });
}

async function drained(db: Db, since: Date): Promise<{ completed: number; seconds: number }> {
  const text = `SELECT count(*) AS completed,
      -- A few are all completed in one millisecond, the clock's step.
      greatest(extract(epoch FROM max(t.at) - min(t.at))::float8, 0.001) AS seconds
    FROM orders JOIN order_timeline t ON order_id = id AND state = 'completed'
    WHERE created_at >= $1`;
  type Row = { completed: number; seconds: number };
  const [row] = await db.query<Row>({ name: 'drained', text }, [since]);
  return row ?? { completed: 0, seconds: NaN };
}
