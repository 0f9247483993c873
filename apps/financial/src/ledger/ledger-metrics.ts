import { Injectable } from '@nestjs/common';
import { type Family, Metrics } from '@tradepost/service';
import { BalancesStore } from './balances.store';
import { trialBalance } from './trial-balance';

const imbalance: Family = {
  name: 'shop_ledger_imbalance_minor_units',
  type: 'gauge',
  help: 'Debits less credits of all accounts in a currency: 0, or the ledger is out of balance',
};

@Injectable()
export class LedgerMetrics {
  constructor(metrics: Metrics, kept: BalancesStore) {
    metrics.asked('ledger', [imbalance], async () => {
      const { totals } = trialBalance(await kept.balances());
      const points = totals.map(({ currency, debit, credit }) => {
        return { labels: { currency }, value: debit - credit };
      });
      return [[imbalance, points]];
    });
  }
}
