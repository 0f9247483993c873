import { Injectable, Logger } from '@nestjs/common';
import { SaleBooked, type SaleFinalized } from '@tradepost/contracts';
import { Db, lockIds, type Tx } from '@tradepost/database';
import { inFlowOf, type Message, onceEach, type Received, sendEach } from '@tradepost/messaging';
import { type Entry, type OrderMoney, reversalEntry, saleEntry } from './entries';
import { LedgerStore } from './ledger.store';

interface Sale {
  money: OrderMoney;
  entry: Entry;
  message: Message;
}

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
    const booked = await this.db.transaction(async (tx) => this.book(tx, batch));
    for (const { entry, message } of booked) {
      const { orderId, transactionId } = entry;
      inFlowOf(message, () => this.log.log('sale booked', { orderId, transactionId }));
    }
  }

  /** @returns those that are new */
  private async book(tx: Tx, batch: Received<SaleFinalized>[]): Promise<Sale[]> {
    const orderIds = batch.map(({ body }) => body.orderId);
    // At once, but in this order: the reads see what the lock has waited for.
    const [fresh, , cancelled, known] = await Promise.all([
      onceEach(tx, batch),
      lockIds(tx, orderIds),
      this.ledger.cancelledAmong(tx, orderIds),
      this.ledger.salesOf(tx, orderIds),
    ]);
    const sales = fresh.map(({ body, message }): Sale => {
      const money = { orderId: body.orderId, currency: body.currency, amount: body.total };
      return { money, message, entry: saleEntry(money) };
    });
    const paid = await this.ledger.paidAmong(tx, [...cancelled]);
    const reversals = sales
      .filter(({ money: { orderId } }) => cancelled.has(orderId) && !paid.has(orderId))
      .map(({ money }) => reversalEntry(money));
    const entries = sales.map(({ entry }) => entry);
    const added = await this.ledger.book(tx, [...entries, ...reversals]);
    const booked = sales.filter(({ entry }) => added.has(entry));
    for (const { entry } of booked) known.set(entry.orderId, entry.transactionId);
    const messages = sales.map(({ entry: { orderId, transactionId }, message }) => ({
      body: { orderId, transactionId: known.get(orderId) ?? transactionId },
      because: message,
    }));
    await sendEach(tx, SaleBooked, messages);
    return booked;
  }
}
