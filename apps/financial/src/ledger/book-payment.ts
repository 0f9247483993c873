import { Injectable } from '@nestjs/common';
import { Db, lockIds } from '@tradepost/database';
import { type Message, once } from '@tradepost/messaging';
import { type Entry, reinstatementOf } from './entries';
import { LedgerStore } from './ledger.store';

/**
 * Books money that came or went, once; an order with an entry of that kind keeps the one it has. A
 * sale that was reversed before this was known is reinstated: it was paid.
 */
@Injectable()
export class BookPayment {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
  ) {}

  async run(entry: Entry, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await lockIds(tx, [entry.orderId]);
      const reversal = await this.ledger.find(tx, entry.orderId, 'reversal');
      await this.ledger.book(tx, reversal ? [entry, reinstatementOf(reversal)] : [entry]);
    });
  }
}
