import { Injectable } from '@nestjs/common';
import { ConfirmOrder } from '@tradepost/contracts';
import { Message, OnWork } from '@tradepost/messaging';
import { FinalizeSale } from './order/finalize-sale';

@Injectable()
export class ConfirmOrderWork {
  constructor(private readonly finalizeSale: FinalizeSale) {}

  @OnWork(ConfirmOrder)
  async handle({ orderId }: ConfirmOrder, message: Message): Promise<void> {
    await this.finalizeSale.run(orderId, message);
  }
}
