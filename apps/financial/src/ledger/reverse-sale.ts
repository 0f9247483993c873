import { Injectable } from '@nestjs/common';
import { Db, lockIds } from '@tradepost/database';
import { type Message, once } from '@tradepost/messaging';
import { type OrderMoney, reversalEntry } from './entries';
import { LedgerStore } from './ledger.store';

/** Reverses a sale that will not be paid, once, whether it is booked yet or not. */
@Injectable()
export class ReverseSale {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
  ) {}

  async run(money: OrderMoney, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await lockIds(tx, [money.orderId]);
      const paid = await this.ledger.paidAmong(tx, [money.orderId]);
      if (!paid.has(money.orderId)) await this.ledger.book(tx, [reversalEntry(money)]);
    });
  }
}
