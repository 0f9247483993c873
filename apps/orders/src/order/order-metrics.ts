import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { type Family, Metrics } from '@tradepost/service';
import { type OrderStatus, orderStatuses } from './order';
import { OrdersStore, statesTopic } from './orders.store';

const states: Family = {
  name: 'shop_order_states_total',
  type: 'counter',
  help: 'Orders that this process has brought to a state; pending: placed',
};

const unfinished: Family = {
  name: 'shop_orders_unfinished',
  type: 'gauge',
  help: 'Orders in a state that is no end, of the whole shop; the same in every replica',
};

const unfinishedStates = ['pending', 'awaiting_payment', 'paid', 'cancel_pending'] as const;

@Injectable()
export class OrderMetrics {
  private readonly reached = new Map<OrderStatus, number>(orderStatuses.map((one) => [one, 0]));

  constructor(metrics: Metrics, db: Db, orders: OrdersStore) {
    db.onCommit<OrderStatus>(statesTopic, (all) => {
      for (const state of all) this.reached.set(state, (this.reached.get(state) ?? 0) + 1);
    });
    metrics.own([states], () => {
      return [[states, [...this.reached].map(([state, value]) => ({ labels: { state }, value }))]];
    });
    metrics.asked('orders', [unfinished], async () => {
      const found = await orders.countUnfinished();
      const points = unfinishedStates.map((state) => {
        const value = found.find(({ status }) => status === state)?.count ?? 0;
        return { labels: { state }, value };
      });
      return [[unfinished, points]];
    });
  }
}
