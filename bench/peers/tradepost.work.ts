import { Injectable } from '@nestjs/common';
import { OnWork, type Received } from '@tradepost/messaging';
import { Sale, SaleInOneOrder, SaleInOrder, SaleOfBatch } from '../messages/sale';

let take: (sale: Sale) => void;

export function takeWith(handled: typeof take): void {
  take = handled;
}

@Injectable()
export class TakeSaleWork {
  @OnWork(Sale)
  async handle(sale: Sale): Promise<void> {
    take(sale);
  }
}

@Injectable()
export class TakeSalesWork {
  @OnWork(SaleOfBatch, { batch: { size: 64 } })
  async handle(batch: Received<SaleOfBatch>[]): Promise<void> {
    for (const { body } of batch) take(body);
  }
}

@Injectable()
export class TakeSalesInOrderWork {
  @OnWork(SaleInOrder, { orderedBy: 'orderId', batch: { size: 64 } })
  async handle(batch: Received<SaleInOrder>[]): Promise<void> {
    for (const { body } of batch) take(body);
  }
}

@Injectable()
export class TakeSalesOneByOneWork {
  @OnWork(SaleInOneOrder, { orderedBy: 'currency' })
  async handle(sale: SaleInOneOrder): Promise<void> {
    take(sale);
  }
}
