import { Injectable } from '@nestjs/common';
import { PaymentDeclined } from '@tradepost/contracts';
import { type Failed, failures, OnFanout, type Received } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class PaymentDeclinedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(PaymentDeclined, { batch: { size: 64 } })
  async handle(batch: Received<PaymentDeclined>[]): Promise<Failed[]> {
    const name = 'payment-declined';
    const advances = batch.map(({ body: payment, message: because }) => ({
      orderId: payment.orderId,
      event: { name, cause: `${name}: ${payment.reason}`, payment } as const,
      because,
    }));
    return failures(batch, await this.advanceOrder.runEach(advances));
  }
}
