import { Injectable } from '@nestjs/common';
import { Db, lockIds } from '@tradepost/database';
import { type Entry, reinstatementOf } from './entries';
import { LedgerStore } from './ledger.store';

/**
 * Books money that came or went. An order that has an entry of that kind keeps the one it has: a
 * copy of the message books nothing. A sale that was reversed before this was known is reinstated:
 * it was paid.
 */
@Injectable()
export class BookPayments {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
  ) {}

  async run(entries: Entry[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      const orderIds = entries.map(({ orderId }) => orderId);
      // At once, but in this order: the read sees what the lock has waited for.
      const [, reversals] = await Promise.all([
        lockIds(tx, orderIds),
        this.ledger.reversalsOf(tx, orderIds),
      ]);
      await this.ledger.book(tx, [...entries, ...reversals.map(reinstatementOf)]);
    });
  }
}
