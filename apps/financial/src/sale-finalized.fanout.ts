import { Injectable } from '@nestjs/common';
import { SaleFinalized } from '@tradepost/contracts';
import { OnFanout, type Received } from '@tradepost/messaging';
import { BookSales } from './ledger/book-sales';

@Injectable()
export class SaleFinalizedFanout {
  constructor(private readonly bookSales: BookSales) {}

  @OnFanout(SaleFinalized, { batch: { size: 64 } })
  async handle(sales: Received<SaleFinalized>[]): Promise<void> {
    await this.bookSales.run(sales);
  }
}
