import type { PoolClient, QueryResultRow } from 'pg';
import { corkTurn } from './cork-turn';
import type { Statement } from './statement';

/**
 * A running transaction. Its holder writes in it; only `Db.transaction` ends it. A statement goes
 * out at once and waits for none: those that are not awaited in between are one round trip.
 */
export class Tx {
  /** By topic, what listeners want to hear of once this transaction has committed. */
  readonly noted = new Map<string, unknown[]>();
  /** Of the first statement that failed: PostgreSQL refuses all after it. */
  firstError?: Error;
  /** The first error, if no `query` has thrown it. */
  unheardError?: Error;

  constructor(private readonly client: PoolClient) {}

  async query<Row extends QueryResultRow>(sql: Statement, values: unknown[] = []): Promise<Row[]> {
    try {
      const result = await this.client.query<Row>({ ...sql, values });
      return result.rows;
    } catch (error) {
      this.firstError ??= error as Error;
      throw error;
    }
  }

  /** For a statement whose answer says nothing: the commit waits for it, and throws its error. */
  write(sql: Statement, values: unknown[] = []): void {
    corkTurn(this.client);
    this.client.query({ ...sql, values }, (error?: Error) => this.answered(error));
  }

  /** After the commit, `Db.onCommit(topic)` listeners are called, with these items. */
  note(topic: string, ...items: unknown[]): void {
    const before = this.noted.get(topic);
    if (before === undefined) this.noted.set(topic, items);
    else before.push(...items);
  }

  /** To a statement that nobody awaits. */
  answered(error?: Error | null): void {
    if (error === undefined || error === null) return;
    if (this.firstError === undefined) this.unheardError = error;
    this.firstError ??= error;
  }
}
