import { createDatabase, databaseUrl, dropDatabase, type Db } from '@tradepost/database';
import { readFile } from 'node:fs/promises';
import { fetch } from 'undici';
import { freePorts } from '../../dev/local/ports';
import { eventually } from '@tradepost/messaging/testing';
import { Program } from '../harness/program';
import { createDb } from '../harness/servers';
import { VirtualHost } from '../harness/virtual-host';
import type { Setting } from '../harness/work';
import { newOrder } from './new-order';
import type { SaleSystem } from './system';

const readyMs = 120_000;
const database = 'bench_stock';
const schemaFile = 'bench/stock/schema.sql';
/** Orders first: the others' clients need its queue no earlier than a sale does. */
const services = ['orders', 'users', 'financial', 'payments'] as const;

const selectWrong = {
  name: 'wrong',
  text: `SELECT count(*) AS wrong FROM unnest($1::uuid[]) AS wanted (id)
    LEFT JOIN orders USING (id)
    LEFT JOIN (
      SELECT order_id AS id, count(*) AS postings, sum(amount) AS rest FROM ledger GROUP BY 1
    ) AS booked USING (id)
    LEFT JOIN (
      SELECT order_id AS id, count(*) AS payments, sum(amount) AS paid FROM payments GROUP BY 1
    ) AS captured USING (id)
    WHERE (status = 'paid' AND postings = 2 AND rest = 0 AND payments = 1 AND paid = total)
      IS NOT TRUE`,
};

/** What a good Nest team writes first: bench/stock. */
export class StockSystem implements SaleSystem {
  readonly name = 'stock';
  readonly databases = [database];
  private opened?: { host: VirtualHost; db: Db; programs: Map<string, Program>; url: URL };

  constructor(private readonly setting: Setting) {}

  async start(): Promise<void> {
    const { servers, folder } = this.setting;
    const host = await VirtualHost.create(servers.broker, 'stock');
    await createDatabase(servers.database.url, { name: database });
    const url = databaseUrl(servers.database.url, { name: database });
    const db = createDb(url);
    await db.query({ name: '', text: await readFile(schemaFile, 'utf8') });
    const ports = await freePorts(services.map(() => undefined));
    const programs = new Map<string, Program>();
    this.opened = { host, db, programs, url: new URL(`http://127.0.0.1:${ports[0]}/orders`) };
    for (const [at, name] of services.entries()) {
      const env = { AMQP_URL: host.url, POSTGRES_URL: url, SERVICE: name, PORT: String(ports[at]) };
      const options = { name: `stock-${name}`, main: 'bench/stock/main.js', env, folder };
      programs.set(name, new Program(options));
    }
    const answers = ports
      .map((port) => `http://127.0.0.1:${port}/`)
      .map((one) => this.answers(one));
    await Promise.all(answers);
  }

  async stop(): Promise<void> {
    const { servers } = this.setting;
    if (!this.opened) return;
    const { host, db, programs } = this.opened;
    await Promise.all([...programs.values()].map((program) => program.stop()));
    await db.close();
    await dropDatabase(servers.database.url, database);
    await host.drop();
  }

  get orders() {
    return { url: this.running.url, body: () => newOrder({ unitPrice: 1_250 }) };
  }

  get pids() {
    return Object.fromEntries([...this.running.programs].map(([name, { pid }]) => [name, pid]));
  }

  get host() {
    return this.running.host;
  }

  get db() {
    return this.running.db;
  }

  async unfinished(): Promise<number> {
    const text = "SELECT count(*) AS orders FROM orders WHERE status <> 'paid'";
    const [row] = await this.db.query<{ orders: number }>({ name: 'unfinished', text });
    return row?.orders ?? 0;
  }

  async completed(since: Date): Promise<Map<string, number>> {
    const text = `SELECT id, extract(epoch FROM paid_at)::float8 * 1000 AS at
      FROM orders WHERE created_at >= $1 AND paid_at IS NOT NULL`;
    const rows = await this.db.query<{ id: string; at: number }>({ name: 'paid', text }, [since]);
    return new Map(rows.map(({ id, at }) => [id, at]));
  }

  // Its ledger may be later than its payment: nothing waits for it.
  async assertRight(orders: readonly string[]): Promise<void> {
    for (const program of this.running.programs.values()) program.assertRunning();
    const nothingIsWrong = async () => {
      const rows = await this.db.query<{ wrong: number }>(selectWrong, [orders]);
      if (rows[0]?.wrong !== 0) throw new Error(`${rows[0]?.wrong} orders are not right`);
    };
    await eventually(nothingIsWrong, { what: 'the stock system has each effect once' });
  }

  private get running() {
    if (!this.opened) throw new Error('the stock system does not run');
    return this.opened;
  }

  /** Nest listens once its microservice does; it knows no such page. */
  private async answers(url: string): Promise<void> {
    const asked = () => {
      for (const program of this.running.programs.values()) program.assertRunning();
      return fetch(url, { signal: AbortSignal.timeout(2_000) });
    };
    await eventually(asked, { withinMs: readyMs, what: 'the stock system listens' });
  }
}
