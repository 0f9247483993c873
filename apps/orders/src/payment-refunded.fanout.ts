import { Injectable } from '@nestjs/common';
import { PaymentRefunded } from '@tradepost/contracts';
import { type Failed, failures, OnFanout, type Received } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class PaymentRefundedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(PaymentRefunded, { batch: { size: 64 } })
  async handle(batch: Received<PaymentRefunded>[]): Promise<Failed[]> {
    const name = 'payment-refunded';
    const advances = batch.map(({ body: payment, message: because }) => ({
      orderId: payment.orderId,
      event: { name, cause: name, payment } as const,
      because,
    }));
    return failures(batch, await this.advanceOrder.runEach(advances));
  }
}
