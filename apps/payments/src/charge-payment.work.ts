import { Injectable } from '@nestjs/common';
import { ChargePayment } from '@tradepost/contracts';
import { OnWork } from '@tradepost/messaging';
import { ChargePayment as ChargePaymentUseCase } from './payment/charge-payment';

@Injectable()
export class ChargePaymentWork {
  constructor(private readonly chargePayment: ChargePaymentUseCase) {}

  @OnWork(ChargePayment)
  async handle(payment: ChargePayment): Promise<void> {
    await this.chargePayment.run(payment);
  }
}
