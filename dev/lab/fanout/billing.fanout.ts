import { Injectable } from '@nestjs/common';
import { OnFanout } from '@tradepost/messaging';
import { Column } from '../screen';
import { OrderPlaced } from './order-placed';

@Injectable()
export class BillingFanout {
  constructor(private readonly column: Column) {}

  @OnFanout(OrderPlaced)
  async bill({ order }: OrderPlaced): Promise<void> {
    this.column.say(`bills order ${order}`);
  }
}
