import { Injectable } from '@nestjs/common';
import { ChargePayment, type SaleFinalized } from '@tradepost/contracts';
import { Db, lockIds } from '@tradepost/database';
import { type Received, sendEach } from '@tradepost/messaging';
import { v7 as uuidv7 } from 'uuid';
import type { NewPayment } from './payment';
import { PaymentsStore } from './payments.store';

/**
 * Opens a payment for each sale, one an order, and asks the workers to charge it. A copy of a sale
 * opens nothing, because its order has a payment, so nothing is charged for it.
 */
@Injectable()
export class OpenPayments {
  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
  ) {}

  async run(batch: Received<SaleFinalized>[]): Promise<void> {
    const sales = batch.map(({ body, message }) => ({ payment: paymentFor(body), message }));
    const asked = sales.map(({ payment }) => payment);
    await this.db.transaction(async (tx) => {
      // Beside a cancellation, neither would find what the other one writes.
      await lockIds(
        tx,
        asked.map(({ orderId }) => orderId),
      );
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
