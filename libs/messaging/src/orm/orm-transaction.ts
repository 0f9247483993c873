import { asError } from '../errors';
import type { Statement, Transaction } from '../outbox/database';
import { outboxTopic, stillThere } from '../outbox/outbox';

/** One statement on the connection of a transaction, with its rows. */
export type RunStatement = (statement: Statement, values: unknown[]) => Promise<object[]>;

/** A transaction that an ORM began, as `send` and `once` see it. */
export class OrmTransaction implements Transaction {
  private readonly noted = new Map<string, unknown[]>();
  private readonly writes: Promise<unknown>[] = [];
  private firstError?: Error;

  constructor(private readonly run: RunStatement) {}

  async query<Row extends object>(statement: Statement, values: unknown[] = []): Promise<Row[]> {
    try {
      return (await this.run(statement, values)) as Row[];
    } catch (error) {
      this.firstError ??= asError(error);
      throw error;
    }
  }

  write(statement: Statement, values: unknown[] = []): Promise<void> {
    const written = this.query(statement, values).then(() => undefined);
    // Who does not await it hears of its error at the commit.
    this.writes.push(written.catch(() => undefined));
    return written;
  }

  note(topic: string, ...items: unknown[]): void {
    this.noted.set(topic, [...(this.noted.get(topic) ?? []), ...items]);
  }

  /**
   * Just before the commit. Most ORMs do not look at what COMMIT answers, which is ROLLBACK after a
   * statement that failed, whoever let it pass: one more statement says so. It also finds what a
   * savepoint took back.
   * @returns by topic, what was noted and is still so
   * @throws the first error of its statements, or why no other one can be run
   */
  async beforeCommit(): Promise<Map<string, unknown[]>> {
    await Promise.all(this.writes);
    const rows = (this.noted.get(outboxTopic) ?? []) as { id: string }[];
    const ids = rows.map(({ id }) => id);
    let left: { id: string }[];
    try {
      left = await this.query<{ id: string }>(stillThere, [ids]);
    } catch (error) {
      throw this.firstError ?? error;
    }
    const kept = new Set(left.map(({ id }) => id));
    return new Map(this.noted).set(
      outboxTopic,
      rows.filter(({ id }) => kept.has(id)),
    );
  }
}
