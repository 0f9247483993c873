import type { PoolClient, QueryResultRow } from 'pg';
import type { Statement } from './statement';

/** A running transaction. Its holder writes in it; only `Db.transaction` ends it. */
export class Tx {
  /** Topics that listeners want to hear of once this transaction has committed. */
  readonly noted = new Set<string>();

  constructor(private readonly client: PoolClient) {}

  async query<Row extends QueryResultRow>(sql: Statement, values: unknown[] = []): Promise<Row[]> {
    const result = await this.client.query<Row>({ ...sql, values });
    return result.rows;
  }

  /** After the commit, `Db.onCommit(topic)` listeners are called. */
  note(topic: string): void {
    this.noted.add(topic);
  }
}
