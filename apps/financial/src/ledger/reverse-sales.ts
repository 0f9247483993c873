import { Injectable } from '@nestjs/common';
import type { OrderCancelled } from '@tradepost/contracts';
import { Db, lockIds, type Tx } from '@tradepost/database';
import { type OrderMoney, reversalEntry } from './entries';
import { LedgerStore } from './ledger.store';

/** Reverses sales, each once, unless they were paid: then they stand, and their refunds come. */
@Injectable()
export class ReverseSales {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
  ) {}

  /** The sales will not be paid; they may not be booked yet. */
  async run(sales: OrderMoney[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      const orderIds = sales.map(({ orderId }) => orderId);
      await lockIds(tx, orderIds);
      await this.reverse(tx, sales);
    });
  }

  /**
   * Cancelled orders are remembered: their sales may come later, or never, because an order can be
   * cancelled before its sale is finalized.
   */
  async ofCancelled(orders: OrderCancelled[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      const orderIds = orders.map(({ orderId }) => orderId);
      await lockIds(tx, orderIds);
      await this.ledger.addCancellations(tx, orders);
      await this.reverse(tx, await this.ledger.moneyOfSales(tx, orderIds));
    });
  }

  private async reverse(tx: Tx, sales: OrderMoney[]): Promise<void> {
    const orderIds = sales.map(({ orderId }) => orderId);
    const paid = await this.ledger.paidAmong(tx, orderIds);
    const unpaid = sales.filter(({ orderId }) => !paid.has(orderId));
    await this.ledger.book(tx, unpaid.map(reversalEntry));
  }
}
