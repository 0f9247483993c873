import { Injectable } from '@nestjs/common';
import { OnFanout } from '@tradepost/messaging';
import { Column } from '../screen';
import { OrderPlaced } from './order-placed';

@Injectable()
export class ShippingFanout {
  constructor(private readonly column: Column) {}

  @OnFanout(OrderPlaced)
  async ship({ order }: OrderPlaced): Promise<void> {
    this.column.say(`ships order ${order}`);
  }
}
