import { Injectable } from '@nestjs/common';
import { GetPayment, type Payment } from '@tradepost/contracts';
import { OnRpc } from '@tradepost/messaging';
import { GetPayment as GetPaymentUseCase } from './payment/get-payment';

@Injectable()
export class GetPaymentRpc {
  constructor(private readonly getPayment: GetPaymentUseCase) {}

  @OnRpc(GetPayment)
  async handle(question: GetPayment): Promise<Payment> {
    return this.getPayment.run(question);
  }
}
