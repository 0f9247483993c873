import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { type Message, once } from '@tradepost/messaging';
import { CancellationsStore } from './cancellations.store';
import { type OrderMoney, reversalEntry } from './entries';
import { LedgerStore } from './ledger.store';

/** Reverses a sale that will not be paid, once, whether it is booked yet or not. */
@Injectable()
export class ReverseSale {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
    private readonly cancellations: CancellationsStore,
  ) {}

  async run(money: OrderMoney, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await this.cancellations.lock(tx, [money.orderId]);
      const paid = await this.ledger.paidAmong(tx, [money.orderId]);
      if (!paid.has(money.orderId)) await this.ledger.book(tx, [reversalEntry(money)]);
    });
  }
}
