import { Injectable } from '@nestjs/common';
import { ChargePayment, type SaleFinalized } from '@tradepost/contracts';
import { Db, lockIds } from '@tradepost/database';
import { onceEach, type Received, sendEach } from '@tradepost/messaging';
import { v7 as uuidv7 } from 'uuid';
import type { NewPayment } from './payment';
import { PaymentsStore } from './payments.store';

/** Opens a payment for each sale, one an order, and asks the workers to charge it. */
@Injectable()
export class OpenPayments {
  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
  ) {}

  async run(batch: Received<SaleFinalized>[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      const sales = (await onceEach(tx, batch)).map(({ body, message }) => ({
        message,
        payment: paymentFor(body),
      }));
      const asked = sales.map(({ payment }) => payment);
      const orderIds = asked.map(({ orderId }) => orderId);
      await lockIds(tx, orderIds);
      const pending = await this.payments.open(tx, asked);
      const charges = sales
        .filter(({ payment }) => pending.has(payment.id))
        .map(({ payment, message }) => ({ body: { paymentId: payment.id }, because: message }));
      await sendEach(tx, ChargePayment, charges);
    });
  }
}

function paymentFor({ orderId, currency, total, paymentToken }: SaleFinalized): NewPayment {
  return { id: uuidv7(), orderId, currency, amount: total, paymentToken: paymentToken ?? null };
}
