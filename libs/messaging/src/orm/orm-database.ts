import { Logger } from '@nestjs/common';
import { WiringError } from '../wiring-error';
import type { Database, Statement, Transaction } from '../outbox/database';
import { OrmTransaction } from './orm-transaction';

/** What is different in each ORM. `Handle` is what its own transactions hand out. */
export interface Orm<Handle extends object> {
  /** Committed when `work` resolves, rolled back when it throws. */
  transaction<T>(work: (handle: Handle) => Promise<T>): Promise<T>;
  /** In the transaction of the handle; without one, in none. */
  run(statement: Statement, values: unknown[], handle?: Handle): Promise<object[]>;
  /** Whether the handle is one of a running transaction. */
  isTransaction(handle: Handle): boolean;
}

/** A service's database by its ORM: for `send` and `once`, and for the relay. */
export class OrmDatabase<Handle extends object> implements Database {
  private readonly listeners = new Map<string, ((items: unknown[]) => void)[]>();
  private readonly running = new WeakMap<Handle, OrmTransaction>();
  private readonly log = new Logger('Database');

  constructor(private readonly orm: Orm<Handle>) {}

  /**
   * A transaction of the ORM's, with its own handle beside `tx`. What is sent in it goes to the
   * broker at once after the commit.
   * @throws what `work` throws, or the error of a statement that `work` let pass: nothing is
   *   committed then
   */
  async transaction<T>(work: (tx: Transaction, handle: Handle) => Promise<T>): Promise<T> {
    let noted = new Map<string, unknown[]>();
    const result = await this.orm.transaction(async (handle) => {
      const tx = this.over(handle);
      this.running.set(handle, tx);
      try {
        const returned = await work(tx, handle);
        noted = await tx.beforeCommit();
        return returned;
      } finally {
        this.running.delete(handle);
      }
    });
    this.committed(noted);
    return result;
  }

  /**
   * The transaction of this handle. In one that the service began by the ORM itself `send` is to be
   * awaited, as it throws the error of its statement, and the relay finds what was sent a few
   * seconds after the commit.
   * @throws WiringError the handle is in no transaction
   */
  in(handle: Handle): Transaction {
    const own = this.running.get(handle);
    if (own !== undefined) return own;
    if (!this.orm.isTransaction(handle)) {
      throw new WiringError('in() needs what a transaction hands out: this is in none');
    }
    return this.over(handle);
  }

  async query<Row extends object>(statement: Statement, values: unknown[] = []): Promise<Row[]> {
    return (await this.orm.run(statement, values)) as Row[];
  }

  onCommit<Item>(topic: string, listener: (items: Item[]) => void): void {
    const listeners = this.listeners.get(topic) ?? [];
    this.listeners.set(topic, [...listeners, listener as (items: unknown[]) => void]);
  }

  private over(handle: Handle): OrmTransaction {
    return new OrmTransaction(async (statement, values) => this.orm.run(statement, values, handle));
  }

  // An error of a listener changes nothing: the transaction is committed.
  private committed(noted: Map<string, unknown[]>): void {
    for (const [topic, items] of noted) {
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
