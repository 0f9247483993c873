import { Injectable } from '@nestjs/common';
import { GetPayment, type Payment } from '@tradepost/contracts';
import { OnRpc } from '@tradepost/messaging';
import { FindPayment } from './payment/find-payment';

@Injectable()
export class GetPaymentRpc {
  constructor(private readonly findPayment: FindPayment) {}

  @OnRpc(GetPayment)
  async handle(question: GetPayment): Promise<Payment> {
    return this.findPayment.run(question);
  }
}
