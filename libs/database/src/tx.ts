import type { PoolClient, QueryResultRow } from 'pg';
import type { Statement } from './statement';

/** A running transaction. Its holder writes in it; only `Db.transaction` ends it. */
export class Tx {
  /** By topic, what listeners want to hear of once this transaction has committed. */
  readonly noted = new Map<string, unknown[]>();

  constructor(private readonly client: PoolClient) {}

  async query<Row extends QueryResultRow>(sql: Statement, values: unknown[] = []): Promise<Row[]> {
    const result = await this.client.query<Row>({ ...sql, values });
    return result.rows;
  }

  /** After the commit, `Db.onCommit(topic)` listeners are called, with these items. */
  note(topic: string, ...items: unknown[]): void {
    const before = this.noted.get(topic);
    if (before === undefined) this.noted.set(topic, items);
    else before.push(...items);
  }
}
