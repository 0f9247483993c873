import { Injectable } from '@nestjs/common';
import type { OrderCancelled } from '@tradepost/contracts';
import { Db, lockIds } from '@tradepost/database';
import { type Message, once } from '@tradepost/messaging';
import { CancellationsStore } from './cancellations.store';
import { reversalEntry } from './entries';
import { LedgerStore } from './ledger.store';

/**
 * Reverses the order's sale, unless it was paid: then it stands, and its refund comes. A cancelled
 * order is remembered: its sale may come later, or never, because an order can be cancelled before
 * its sale is finalized.
 */
@Injectable()
export class CancelSale {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
    private readonly cancellations: CancellationsStore,
  ) {}

  async run({ orderId, reason }: OrderCancelled, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await lockIds(tx, [orderId]);
      await this.cancellations.add(tx, orderId, reason);
      const paid = await this.ledger.paidAmong(tx, [orderId]);
      if (paid.has(orderId)) return;
      const sale = await this.ledger.find(tx, orderId, 'sale');
      const posting = sale?.postings[0];
      if (posting) await this.ledger.book(tx, [reversalEntry({ orderId, ...posting })]);
    });
  }
}
