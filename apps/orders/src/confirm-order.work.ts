import { Injectable } from '@nestjs/common';
import { ConfirmOrder } from '@tradepost/contracts';
import { Message, OnWork } from '@tradepost/messaging';
import { ConfirmOrder as ConfirmOrderUseCase } from './order/confirm-order';

@Injectable()
export class ConfirmOrderWork {
  constructor(private readonly confirmOrder: ConfirmOrderUseCase) {}

  @OnWork(ConfirmOrder)
  async handle({ orderId }: ConfirmOrder, message: Message): Promise<void> {
    await this.confirmOrder.run(orderId, message);
  }
}
