import { Injectable } from '@nestjs/common';
import { SaleBooked } from '@tradepost/contracts';
import { Message, OnFanout } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class SaleBookedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(SaleBooked)
  async handle({ orderId }: SaleBooked, message: Message): Promise<void> {
    await this.advanceOrder.run(orderId, { name: 'sale-booked', cause: 'sale-booked' }, message);
  }
}
