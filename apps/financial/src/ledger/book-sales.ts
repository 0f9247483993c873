import { Injectable, Logger } from '@nestjs/common';
import { SaleBooked, type SaleFinalized } from '@tradepost/contracts';
import { Db, lockIds } from '@tradepost/database';
import { onceEach, type Received, sendEach } from '@tradepost/messaging';
import { reversalEntry, saleEntry } from './entries';
import { LedgerStore } from './ledger.store';

/**
 * Books sales, each order's once, and sends SaleBooked. For a known sale it resends it: orders
 * finalizes a sale again only while it has not received it. A sale that comes after its order's
 * cancellation is booked and, unless it was paid, reversed.
 */
@Injectable()
export class BookSales {
  private readonly log = new Logger(BookSales.name);

  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
  ) {}

  async run(batch: Received<SaleFinalized>[]): Promise<void> {
    const booked = await this.db.transaction(async (tx) => {
      const sales = (await onceEach(tx, batch)).map(({ body, message }) => {
        const money = { orderId: body.orderId, currency: body.currency, amount: body.total };
        return { money, message, entry: saleEntry(money) };
      });
      const orderIds = sales.map(({ money }) => money.orderId);
      await lockIds(tx, orderIds);
      const cancelled = await this.ledger.cancelledAmong(tx, orderIds);
      const paid = await this.ledger.paidAmong(tx, [...cancelled]);
      const reversals = sales
        .filter(({ money: { orderId } }) => cancelled.has(orderId) && !paid.has(orderId))
        .map(({ money }) => reversalEntry(money));
      const entries = sales.map(({ entry }) => entry);
      const added = await this.ledger.book(tx, [...entries, ...reversals]);
      const known = entries.filter((entry) => !added.has(entry)).map(({ orderId }) => orderId);
      const kept = await this.ledger.salesOf(tx, known);
      const messages = sales.map(({ entry: { orderId, transactionId }, message }) => ({
        body: { orderId, transactionId: kept.get(orderId) ?? transactionId },
        because: message,
      }));
      await sendEach(tx, SaleBooked, messages);
      return entries.filter((entry) => added.has(entry));
    });
    for (const { orderId, transactionId } of booked) {
      this.log.log('sale booked', { orderId, transactionId });
    }
  }
}
