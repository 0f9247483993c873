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

const counts: Record<Scale, number> = { full: 100_000, quick: 2_000, smoke: 12 };

export const backlog: Work = {
  name: 'backlog',
  title: (scale) =>
    `${counts[scale].toLocaleString('en-US')} confirmed and booked sales wait while no payments ` +
    'runs; then so many workers of it take them, until each sale is completed.',
  subjects: (setting) => {
    const shop = new ShopWithoutPayments(setting);
    return [1, 2, 4].map((workers) => new Drain(workers, shop, setting));
  },
  columns: {
    drainSeconds: 'seconds from the first completed to the last',
    completedPerSecond: 'completed/s',
    'peakMiB.payments': 'most resident MiB: a worker of payments',
    'peakMiB.orders': '– orders',
    'peakMiB.financial': '– financial',
    'peakMiB.users': '– users',
    'peakMiB.log-sink': '– log-sink',
    'peakMiB.broker': '– broker',
    'peakMiB.postgres': '– PostgreSQL, all of its processes',
  },
  ratios: ['drainSeconds'],
  runs: { full: 1, quick: 1 },
};

/** One shop for all of them, up from the first start to the first stop. */
class ShopWithoutPayments {
  private opened?: Promise<Shop>;

  constructor(private readonly setting: Setting) {}

  open(): Promise<Shop> {
    this.opened ??= Shop.create('backlog', this.setting).then(async (shop) => {
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
    private readonly workers: number,
    private readonly shop: ShopWithoutPayments,
    private readonly setting: Setting,
  ) {
    this.name = workers === 1 ? 'one worker' : `${workers} workers`;
  }

  async start(): Promise<void> {
    await this.shop.open();
  }

  async run(): Promise<Figures> {
    const shop = await this.shop.open();
    const db = shop.db('orders');
    const names = Array.from({ length: this.workers }, (_, at) => `payments-${at + 1}`);
    try {
      const orders = counts[this.setting.scale];
      const since = await this.fill(shop, db, orders);
      await shop.start(names);
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
      extract(epoch FROM max(t.at) - min(t.at))::float8 AS seconds
    FROM orders JOIN order_timeline t ON order_id = id AND state = 'completed'
    WHERE created_at >= $1`;
  type Row = { completed: number; seconds: number };
  const [row] = await db.query<Row>({ name: 'drained', text }, [since]);
  return row ?? { completed: 0, seconds: NaN };
}
