import { Injectable } from '@nestjs/common';
import type { GetPayment as Query, Payment } from '@tradepost/contracts';
import { Rejected } from '@tradepost/messaging';
import { factsOf } from './payment';
import { PaymentsStore } from './payments.store';

/** Reads an order's payment. */
@Injectable()
export class GetPayment {
  constructor(private readonly payments: PaymentsStore) {}

  /** @throws Rejected `payment_unknown`: no payment was opened for the order (yet) */
  async run({ orderId }: Query): Promise<Payment> {
    const payment = await this.payments.ofOrder(orderId);
    if (!payment) throw new Rejected('payment_unknown', `order ${orderId} has no payment`);
    const { status, declineReason } = payment;
    return { ...factsOf(payment), status, ...(declineReason !== null && { declineReason }) };
  }
}
