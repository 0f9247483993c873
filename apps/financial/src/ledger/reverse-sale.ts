import { Injectable } from '@nestjs/common';
import type { OrderCancelled } from '@tradepost/contracts';
import { Db, lockIds, type Tx } from '@tradepost/database';
import { type Message, once } from '@tradepost/messaging';
import { type OrderMoney, reversalEntry } from './entries';
import { LedgerStore } from './ledger.store';

/** Reverses a sale, once, unless it was paid: then it stands, and its refund comes. */
@Injectable()
export class ReverseSale {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
  ) {}

  /** The sale will not be paid; it may not be booked yet. */
  async run(money: OrderMoney, message: Message): Promise<void> {
    await this.reverse(money.orderId, message, async () => money);
  }

  /**
   * A cancelled order is remembered: its sale may come later, or never, because an order can be
   * cancelled before its sale is finalized.
   */
  async ofCancelled({ orderId, reason }: OrderCancelled, message: Message): Promise<void> {
    await this.reverse(orderId, message, async (tx) => {
      await this.ledger.addCancellation(tx, orderId, reason);
      const sale = await this.ledger.find(tx, orderId, 'sale');
      const posting = sale?.postings[0];
      return posting && { orderId, ...posting };
    });
  }

  private async reverse(
    orderId: string,
    message: Message,
    soldFor: (tx: Tx) => Promise<OrderMoney | undefined>,
  ): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await lockIds(tx, [orderId]);
      const money = await soldFor(tx);
      const paid = await this.ledger.paidAmong(tx, [orderId]);
      if (money && !paid.has(orderId)) await this.ledger.book(tx, [reversalEntry(money)]);
    });
  }
}
