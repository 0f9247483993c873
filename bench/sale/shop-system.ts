import type { Db } from '@tradepost/database';
import { fixedToken } from '@tradepost/service';
import { services, type Service } from '../../apps/services';
import { eventually } from '@tradepost/messaging/testing';
import { audit } from '../../ops/audit/audit';
import { Shop, type ShopOptions } from '../harness/shop';
import type { Setting } from '../harness/work';
import type { Target } from './client';
import { newOrder } from './new-order';
import type { SaleSystem } from './system';

const settledMs = 60_000;

const selectUnfinished = {
  name: 'unfinished',
  text: `SELECT count(*) AS orders FROM orders
    WHERE status IN ('pending', 'awaiting_payment', 'paid', 'cancel_pending')`,
};

const selectCompleted = {
  name: 'completed',
  text: `SELECT id, extract(epoch FROM t.at)::float8 * 1000 AS at
    FROM orders JOIN order_timeline t ON order_id = id AND state = 'completed'
    WHERE created_at >= $1`,
};

/** Of these orders, those that do not have each effect once. */
const wrong: Partial<Record<Service, string>> = {
  orders: `LEFT JOIN (
      SELECT order_id AS id, string_agg(state, ' ' ORDER BY step) AS states
      FROM order_timeline WHERE order_id = ANY($1) GROUP BY 1
    ) AS found USING (id) WHERE states IS DISTINCT FROM 'pending awaiting_payment paid completed'`,
  financial: `LEFT JOIN (
      SELECT order_id AS id, string_agg(kind, ' ' ORDER BY kind) AS kinds
      FROM ledger_entries WHERE order_id = ANY($1) GROUP BY 1
    ) AS found USING (id) WHERE kinds IS DISTINCT FROM 'sale settlement'`,
  payments: `LEFT JOIN (
      SELECT order_id AS id, count(*) AS charges
      FROM payments p JOIN sandbox_movements ON payment_id = p.id AND kind = 'capture'
      WHERE order_id = ANY($1) AND status = 'captured' GROUP BY 1
    ) AS found USING (id) WHERE charges IS DISTINCT FROM 1`,
};

/** The shop, from POST to `completed`: paid and booked. */
export class ShopSystem implements SaleSystem {
  private opened?: Shop;
  private readonly dbs = new Map<Service, Db>();
  private readonly accepted: string[] = [];

  /**
   * @param load fills its databases before its services start
   * @param options of the shop
   * @param headers of who places this order
   */
  constructor(
    readonly name: string,
    private readonly setting: Setting,
    private readonly load?: (db: (service: Service) => Db) => Promise<void>,
    private readonly options?: ShopOptions,
    private readonly headers?: Target['headers'],
  ) {}

  async start(): Promise<void> {
    this.opened ??= await Shop.create(this.name, this.setting, this.options);
    for (const service of services) this.dbs.set(service, this.shop.db(service));
    await this.load?.((service) => this.dbOf(service));
    await this.shop.start();
  }

  async stop(): Promise<void> {
    const closed = [...this.dbs.values()].map((db) => db.close());
    await Promise.all(closed);
    await this.opened?.drop();
  }

  get orders(): Target {
    const url = new URL('/v1/orders', this.shop.url('orders'));
    return { url, body: () => newOrder(), headers: this.headers };
  }

  get pids() {
    return this.shop.pids;
  }

  get host() {
    return this.shop.host;
  }

  get databases() {
    return this.shop.databases;
  }

  get db() {
    return this.dbOf('orders');
  }

  async unfinished(): Promise<number> {
    this.shop.assertWell();
    const [row] = await this.db.query<{ orders: number }>(selectUnfinished);
    return row?.orders ?? 0;
  }

  async completed(since: Date): Promise<Map<string, number>> {
    const rows = await this.db.query<{ id: string; at: number }>(selectCompleted, [since]);
    return new Map(rows.map(({ id, at }) => [id, at]));
  }

  // The settlement may be booked later than the order is completed, and messages be sent still.
  async assertRight(orders: readonly string[]): Promise<void> {
    this.accepted.push(...orders);
    const isRight = async () => {
      await this.assertEffects(orders);
      await this.assertSent();
    };
    const options = {
      what: `${this.name} has each effect once`,
      withinMs: settledMs,
      everyMs: 100,
    };
    await eventually(isRight, options);
  }

  /** Every rule of `npm run audit`, over all orders that were accepted. @throws what it found */
  async assertAudited(): Promise<void> {
    const urls = services.map((service) => [service, [this.shop.url(service)]] as const);
    const endpoints = {
      services: Object.fromEntries(urls) as unknown as Record<Service, string[]>,
      opsToken: fixedToken(await this.shop.operatorToken()),
    };
    const { violations } = await audit(endpoints, { accepted: this.accepted, settled: true });
    if (violations.length > 0) throw new Error(`audit: ${JSON.stringify(violations.slice(0, 5))}`);
  }

  private async assertEffects(orders: readonly string[]): Promise<void> {
    for (const [service, condition] of Object.entries(wrong)) {
      const text = `SELECT id FROM unnest($1::uuid[]) AS wanted (id) ${condition}`;
      const db = this.dbOf(service as Service);
      const found = await db.query<{ id: string }>({ name: `wrong-${service}`, text }, [orders]);
      if (found.length === 0) continue;
      throw new Error(`${service}: ${found.length} orders are not right, such as ${found[0]?.id}`);
    }
  }

  private async assertSent(): Promise<void> {
    for (const service of services) {
      const text = 'SELECT count(*) AS messages FROM outbox';
      const [row] = await this.dbOf(service).query<{ messages: number }>({ name: 'sent', text });
      if (row?.messages !== 0) throw new Error(`${service} has ${row?.messages} messages to send`);
    }
  }

  /** For its owner, who may do there what the service may not. */
  dbOf(service: Service): Db {
    const db = this.dbs.get(service);
    if (!db) throw new Error(`${this.name} does not run`);
    return db;
  }

  get shop(): Shop {
    if (!this.opened) throw new Error(`${this.name} does not run`);
    return this.opened;
  }
}
