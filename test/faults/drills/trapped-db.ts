import { setTimeout as delay } from 'node:timers/promises';
import { Db, type Statement, type Tx } from '@tradepost/database';
import type { Moment } from './protocol';

/**
 * A `Db` that holds transactions just before or after COMMIT, and the relay before it deletes what
 * the broker confirmed, so that faults hit that moment.
 */
export class TrappedDb extends Db {
  /** Each handler's transaction takes this much longer. */
  slowMs = 0;
  release: () => void = () => undefined;
  private moment?: Moment;
  private passed = 0;
  private onHeld: () => void = () => undefined;
  private released = Promise.resolve();

  async hold(moment: Moment): Promise<void> {
    this.moment = moment;
    this.passed = 0;
    this.released = new Promise((resolve) => {
      this.release = () => {
        this.moment = undefined;
        resolve();
      };
    });
    await new Promise<void>((resolve) => (this.onHeld = resolve));
  }

  override async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    let kind: Moment['of'] | undefined;
    const result = await super.transaction(async (tx) => {
      const value = await work(tx);
      kind = kindOf(value);
      if (kind === 'effect' && this.slowMs > 0) await delay(this.slowMs);
      await this.pass('before-commit', kind);
      return value;
    });
    await this.pass('after-commit', kind);
    return result;
  }

  override async query<Row extends object>(sql: Statement, values?: unknown[]): Promise<Row[]> {
    if (sql.name === 'messaging-delete-outbox') await this.pass('before-commit', 'relay');
    return super.query(sql, values);
  }

  private async pass(at: Moment['at'], kind: Moment['of'] | undefined): Promise<void> {
    const { moment } = this;
    if (moment === undefined || moment.at !== at || moment.of !== kind) return;
    this.passed += 1;
    if (this.passed <= (moment.after ?? 0)) return;
    this.onHeld();
    await this.released;
  }
}

// The poll's transactions, and no others, give the number of messages that they moved.
function kindOf(result: unknown): Moment['of'] | undefined {
  if (typeof result !== 'number') return 'effect';
  return result > 0 ? 'relay' : undefined;
}
