import { Injectable } from '@nestjs/common';
import { SaleFinalized } from '@tradepost/contracts';
import { OnFanout, type Received } from '@tradepost/messaging';
import { OpenPayments } from './payment/open-payments';

@Injectable()
export class SaleFinalizedFanout {
  constructor(private readonly openPayments: OpenPayments) {}

  @OnFanout(SaleFinalized, { batch: { size: 64 } })
  async handle(sales: Received<SaleFinalized>[]): Promise<void> {
    await this.openPayments.run(sales);
  }
}
