import { Injectable } from '@nestjs/common';
import { Periodic } from '@tradepost/service';
import { BalancesStore } from './balances.store';
import { FinancialConfig } from '../financial.config';

const batches = { size: 10_000, max: 100 };

/** Folds what was booked into the balances: reading them stays cheap; they are right without it. */
@Injectable()
export class FoldBalances extends Periodic {
  constructor(
    config: FinancialConfig,
    private readonly balances: BalancesStore,
  ) {
    super(config.BALANCES_FOLD_EVERY_MS);
  }

  async run(): Promise<void> {
    await this.inBatches(batches, async (size) => this.balances.fold(size));
  }
}
