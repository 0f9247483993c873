import { setTimeout as delay } from 'node:timers/promises';
import { Db, type Tx } from '@tradepost/database';
import { tell, type Order, type Trap } from './protocol';

/**
 * A `Db` whose transactions can be held, or their process killed, just before or just after COMMIT.
 * So faults hit the exact moment, whatever the handlers under drill look like.
 */
export class TrappedDb extends Db {
  private trap?: Trap;
  private passed = 0;
  private slowMs = 0;
  private open: () => void = () => undefined;
  private held = Promise.resolve();

  order(order: Order): void {
    if (order.do === 'slow') this.slowMs = order.ms;
    if (order.do === 'release') {
      this.trap = undefined;
      this.open();
    }
    if (order.do === 'arm') {
      this.trap = order.trap;
      this.passed = 0;
      this.held = new Promise((resolve) => (this.open = resolve));
    }
  }

  override async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    let kind: Trap['of'] | undefined;
    const result = await super.transaction(async (tx) => {
      const value = await work(tx);
      kind = kindOf(value);
      if (kind === 'effect' && this.slowMs > 0) await delay(this.slowMs);
      await this.snap('before-commit', kind);
      return value;
    });
    await this.snap('after-commit', kind);
    return result;
  }

  private async snap(at: Trap['at'], kind: Trap['of'] | undefined): Promise<void> {
    const { trap } = this;
    if (trap === undefined || trap.at !== at || trap.of !== kind) return;
    this.passed += 1;
    if (this.passed <= (trap.after ?? 0)) return;
    await tell({ saw: 'trapped', trap });
    if (trap.then === 'kill') process.kill(process.pid, 'SIGKILL');
    await this.held;
  }
}

// The relay's transactions, and no others, give the number of messages that they moved.
function kindOf(result: unknown): Trap['of'] | undefined {
  if (typeof result !== 'number') return 'effect';
  return result > 0 ? 'relay' : undefined;
}
