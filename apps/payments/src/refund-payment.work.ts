import { Injectable } from '@nestjs/common';
import { RefundPayment } from '@tradepost/contracts';
import { OnWork } from '@tradepost/messaging';
import { ReturnMoney } from './payment/return-money';

@Injectable()
export class RefundPaymentWork {
  constructor(private readonly returnMoney: ReturnMoney) {}

  @OnWork(RefundPayment)
  async handle(payment: RefundPayment): Promise<void> {
    await this.returnMoney.run(payment);
  }
}
