import { Injectable } from '@nestjs/common';
import { PaymentCaptured } from '@tradepost/contracts';
import { type Failed, failures, OnFanout, type Received } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class PaymentCapturedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(PaymentCaptured, { batch: { size: 64 } })
  async handle(batch: Received<PaymentCaptured>[]): Promise<Failed[]> {
    const name = 'payment-captured';
    const advances = batch.map(({ body: payment, message: because }) => ({
      orderId: payment.orderId,
      event: { name, cause: name, payment } as const,
      because,
    }));
    return failures(batch, await this.advanceOrder.runEach(advances));
  }
}
