import { Injectable } from '@nestjs/common';
import { ConfirmOrder } from '@tradepost/contracts';
import { type Failed, failures, OnWork, type Received } from '@tradepost/messaging';
import { ConfirmOrder as ConfirmOrderUseCase } from './order/confirm-order';

@Injectable()
export class ConfirmOrderWork {
  constructor(private readonly confirmOrder: ConfirmOrderUseCase) {}

  // Lanes: while one call waits for users, the next one asks or writes.
  @OnWork(ConfirmOrder, { batch: { size: 64, lanes: 2 } })
  async handle(batch: Received<ConfirmOrder>[]): Promise<Failed[]> {
    const orders = batch.map(({ body, message }) => ({ ...body, because: message }));
    return failures(batch, await this.confirmOrder.runEach(orders));
  }
}
