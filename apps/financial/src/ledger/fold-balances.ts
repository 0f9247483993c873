import { Injectable } from '@nestjs/common';
import { Periodic } from '@tradepost/service';
import { BalancesStore } from './balances.store';
import { FinancialConfig } from '../financial.config';

const batches = { size: 10_000, max: 100 };

/**
 * Folds what was booked into the balances, so that reading them stays cheap. They are right without
 * it too. Every replica may run it at any time.
 */
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
