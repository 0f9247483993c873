import { Injectable } from '@nestjs/common';
import { ChargePayment } from '@tradepost/contracts';
import { OnWork } from '@tradepost/messaging';
import { TakeMoney } from './payment/take-money';

@Injectable()
export class ChargePaymentWork {
  constructor(private readonly takeMoney: TakeMoney) {}

  @OnWork(ChargePayment)
  async handle(payment: ChargePayment): Promise<void> {
    await this.takeMoney.run(payment);
  }
}
