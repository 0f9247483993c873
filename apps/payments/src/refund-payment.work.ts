import { Injectable } from '@nestjs/common';
import { RefundPayment } from '@tradepost/contracts';
import { OnWork } from '@tradepost/messaging';
import { RefundPayment as RefundPaymentUseCase } from './payment/refund-payment';

@Injectable()
export class RefundPaymentWork {
  constructor(private readonly refundPayment: RefundPaymentUseCase) {}

  @OnWork(RefundPayment)
  async handle(payment: RefundPayment): Promise<void> {
    await this.refundPayment.run(payment);
  }
}
