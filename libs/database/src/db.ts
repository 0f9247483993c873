import { Logger } from '@nestjs/common';
import { Pool, types } from 'pg';
import type { CustomTypesConfig, PoolClient, PoolConfig, QueryResultRow } from 'pg';
import { corkTurn } from './cork-turn';
import { Connection, connectionConfig, type Pooler, type PostgresUrl } from './connection';
import { type DatabaseUnavailable, isConsequence, ReadOnlySession } from './errors';
import { PoolerInBetween } from './pooler-in-between';
import { Failure, Sessions } from './sessions';
import type { Statement } from './statement';
import { Tx } from './tx';

export interface DbOptions {
  /** Its certificates are read for each connection; a function is asked for each. */
  url: PostgresUrl;
  /** The URL is that of a pooler: how often it gives a connection another session. */
  pooler?: Pooler;
  /** Connections at most; a query beyond that waits up to `acquireTimeoutMs`. */
  poolMax?: number;
  acquireTimeoutMs?: number;
  /** The server ends a statement that takes longer. */
  statementTimeoutMs?: number;
  applicationName?: string;
}

// A database or a role may have another level by default. Read-only it may be for a good reason.
const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED';

const askWhyReadOnly = `
  SELECT CASE
    WHEN pg_is_in_recovery() THEN 'it is a standby'
    WHEN current_setting('transaction_read_only')::boolean THEN 'transaction_read_only is on'
  END AS reason`;

/** So much longer than a statement may its answer take. */
const answerTimeoutMs = 2_000;

// int8 as a number: every amount is below 2^53 (contracts: amountMax); sums are checked here.
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 out of the safe range: ${text}`);
  return value;
}

const parsers: CustomTypesConfig = {
  getTypeParser: (type, format): unknown =>
    type === types.builtins.INT8 ? parseInt8 : types.getTypeParser(type, format),
};

/** One service's database: a pool of connections, and transactions as closures. */
export class Db {
  private readonly pool: Pool;
  private readonly poolMax: number;
  private readonly sessions: Sessions;
  private readonly pooler?: Pooler;
  private readonly setLocal: string;
  private readonly log = new Logger('Database');
  private readonly listeners = new Map<string, ((items: unknown[]) => void)[]>();

  constructor(options: DbOptions) {
    const { url, pooler, statementTimeoutMs = 15_000, applicationName } = options;
    const { acquireTimeoutMs = 5_000 } = options;
    const more = {
      ...(applicationName !== undefined && { application_name: applicationName }),
      statement_timeout: String(statementTimeoutMs),
      idle_in_transaction_session_timeout: '30000',
      // As disks are today. A new table has no statistics: at the default of 4 its first plans,
      // which stay for minutes, read all of it to find a few rows by their key.
      random_page_cost: '1.1',
    };
    const advice = 'set POSTGRES_POOLER=transaction, or let POSTGRES_URL name PostgreSQL itself';
    const connection = connectionConfig(url, { pooler, more, advice });
    this.poolMax = options.poolMax ?? 10;
    this.pooler = pooler;
    this.setLocal = connection.setLocal;
    const config: PoolConfig = {
      ...connection,
      // Typed as if a pool gave its clients no options.
      Client: Connection as unknown as PoolConfig['Client'],
      max: this.poolMax,
      connectionTimeoutMillis: acquireTimeoutMs,
      // A server that is gone without a word ends nothing: TCP alone would wait for minutes.
      query_timeout: statementTimeoutMs + answerTimeoutMs,
      keepAlive: true,
      types: parsers,
      pipeline: true,
    };
    this.pool = new Pool(config);
    // A connection that the server closes is replaced at the next query; without a listener this
    // event would end the process.
    this.pool.on('error', () => undefined);
    this.sessions = new Sessions(this.pool, connection.turn, acquireTimeoutMs);
  }

  /**
   * One statement outside a transaction. It is sent again when it did nothing because of another
   * transaction or its session.
   *
   * `Row` is what the driver gives: a `Date` for timestamptz, a number for bigint, a string for
   * numeric. test/row-types.int.spec.ts compares every one with the columns.
   * @throws DatabaseUnavailable
   */
  async query<Row extends QueryResultRow>(sql: Statement, values: unknown[] = []): Promise<Row[]> {
    // Only a transaction of its own bounds it there.
    if (this.pooler) return this.transaction(async (tx) => tx.query<Row>(sql, values));
    return this.sessions.run(async (client) => {
      try {
        return (await client.query<Row>({ ...sql, values })).rows;
      } catch (error) {
        return new Failure(error, error);
      }
    });
  }

  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when it throws. After a
   * serialization failure, a deadlock or a fault of its session it runs again from its start, a few
   * times: what it does outside of `tx` it may do more than once.
   * @throws DatabaseUnavailable: nothing was committed or — when the link was lost during COMMIT
   *   itself — everything was
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { result, tx } = await this.sessions.run(async (client) => {
      const tx = new Tx(client);
      try {
        // Goes out with the first statement.
        corkTurn(client);
        client.query(`${begin}${this.setLocal}`, (error: Error | null) => tx.answered(error));
        const result = await work(tx);
        await commit(client, tx);
        return { result, tx };
      } catch (error) {
        const lost = await rollback(client);
        // What failed first is why, whatever `work` made of it.
        const said = tx.firstError ?? lost;
        return new Failure(isConsequence(error) ? (said ?? error) : error, said);
      }
    });
    this.committed(tx);
    return result;
  }

  /** Calls `listener` with what a transaction noted under the topic, after its commit. */
  onCommit<Item>(topic: string, listener: (items: Item[]) => void): void {
    const listeners = this.listeners.get(topic) ?? [];
    this.listeners.set(topic, [...listeners, listener as (items: unknown[]) => void]);
  }

  /**
   * Resolves also when there is no answer: later there may be one.
   * @throws PoolerInBetween, which only another configuration mends
   */
  async refusePooler(): Promise<void> {
    try {
      (await this.sessions.connect()).release();
    } catch (error) {
      const { cause } = error as DatabaseUnavailable;
      if (cause instanceof PoolerInBetween) throw cause;
    }
  }

  /**
   * Resolves when the server answers and takes writes.
   * @throws DatabaseUnavailable when it does not within the pool's bounds
   */
  async ping(): Promise<void> {
    await this.sessions.run(async (client) => {
      try {
        const { rows } = await client.query<{ reason: string | null }>(askWhyReadOnly);
        const reason = rows[0]?.reason;
        if (reason) throw new ReadOnlySession(`it takes no writes: ${reason}`);
      } catch (error) {
        return new Failure(error, error);
      }
    });
  }

  /** The pool as it is now: how many connections, and statements that wait for one. */
  get connections(): { max: number; used: number; idle: number; waiting: number } {
    const { totalCount, idleCount: idle, waitingCount: waiting } = this.pool;
    return { max: this.poolMax, used: totalCount - idle, idle, waiting };
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  // An error of a listener changes nothing: the transaction is committed.
  private committed(tx: Tx): void {
    for (const [topic, items] of tx.noted) {
      for (const listener of this.listeners.get(topic) ?? []) {
        try {
          listener(items);
        } catch (error) {
          this.log.error('commit listener failed', { error });
        }
      }
    }
  }
}

/** @throws why nothing is committed, or why nobody knows */
async function commit(client: PoolClient, tx: Tx): Promise<void> {
  // A statement that could not even be sent: pg says so one tick later.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  if (tx.unheardError !== undefined) throw tx.unheardError;
  try {
    const { command } = await client.query('COMMIT');
    // So PostgreSQL ends a transaction in which a statement failed, though `work` let it pass.
    if (command === 'ROLLBACK') throw new Error('rolled back: one of its statements had failed');
  } catch (error) {
    tx.firstError ??= error as Error;
    throw tx.unheardError ?? error;
  }
}

/** Returns the error that makes the connection unfit for reuse, if any. */
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
