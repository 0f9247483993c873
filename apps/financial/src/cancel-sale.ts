import { Injectable } from '@nestjs/common';
import type { OrderCancelled } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { type Message, once } from '@tradepost/messaging';
import { CancellationsStore } from './cancellations.store';
import { reversalEntry } from './entries';
import { LedgerStore } from './ledger.store';

/**
 * Reverses the order's sale. One that is not booked is remembered instead: it is reversed when it
 * comes, and it may never come, because an order can be cancelled before its sale is finalized.
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
      await this.cancellations.lock(tx, [orderId]);
      await this.cancellations.add(tx, orderId, reason);
      const entries = await this.ledger.entriesOf(orderId, tx);
      const posting = entries.find(({ kind }) => kind === 'sale')?.postings[0];
      if (posting) await this.ledger.book(tx, [reversalEntry({ orderId, ...posting })]);
    });
  }
}
