import { Injectable } from '@nestjs/common';
import { SaleBooked } from '@tradepost/contracts';
import { type Failed, failures, OnFanout, type Received } from '@tradepost/messaging';
import { AdvanceOrder } from './order/advance-order';

@Injectable()
export class SaleBookedFanout {
  constructor(private readonly advanceOrder: AdvanceOrder) {}

  @OnFanout(SaleBooked, { batch: { size: 64 } })
  async handle(batch: Received<SaleBooked>[]): Promise<Failed[]> {
    const event = { name: 'sale-booked', cause: 'sale-booked' } as const;
    const advances = batch.map(({ body: { orderId }, message: because }) => ({
      orderId,
      event,
      because,
    }));
    return failures(batch, await this.advanceOrder.runEach(advances));
  }
}
