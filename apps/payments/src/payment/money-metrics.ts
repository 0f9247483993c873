import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import { type Family, Metrics } from '@tradepost/service';
import type { Payment } from './payment';

const captured: Family = {
  name: 'shop_money_captured_minor_units_total',
  type: 'counter',
  help: 'Money that this process has recorded as captured, in minor units of its currency',
};

const refunded: Family = {
  name: 'shop_money_refunded_minor_units_total',
  type: 'counter',
  help: 'Money that this process has recorded as given back, in minor units of its currency',
};

type Direction = 'captured' | 'refunded';
type Amount = Pick<Payment, 'currency' | 'amount'>;

const topicOf = (direction: Direction) => `money-${direction}`;

/** Counts the money once `tx` has committed. */
export function countMoney(tx: Tx, direction: Direction, { currency, amount }: Amount): void {
  tx.note(topicOf(direction), { currency, amount });
}

@Injectable()
export class MoneyMetrics {
  constructor(metrics: Metrics, db: Db) {
    this.count(metrics, db, 'captured', captured);
    this.count(metrics, db, 'refunded', refunded);
  }

  private count(metrics: Metrics, db: Db, direction: Direction, family: Family): void {
    const sums = new Map<string, number>();
    db.onCommit<Amount>(topicOf(direction), (amounts) => {
      for (const { currency, amount } of amounts) {
        sums.set(currency, (sums.get(currency) ?? 0) + amount);
      }
    });
    metrics.own([family], () => {
      return [[family, [...sums].map(([currency, value]) => ({ labels: { currency }, value }))]];
    });
  }
}
