import type { Figures, Setting, Subject, Work } from '../harness/work';
import { placeAtOnce } from '../sale/client';
import { connections, sell } from '../sale/sell';
import { ShopSystem } from '../sale/shop-system';
import { loadSales } from './load';

const counts = {
  full: { stored: 1_000_000, orders: 3_000, warmUp: 1_500 },
  quick: { stored: 50_000, orders: 600, warmUp: 300 },
  smoke: { stored: 100, orders: 10, warmUp: 2 },
};

export const history: Work = {
  name: 'history',
  title: (scale) =>
    `The sale over ${connections} connections in a shop that has completed ` +
    `${counts[scale].stored.toLocaleString('en-US')} of them, and in one that has not.`,
  subjects: (setting) => [new History('stored', setting), new History('fresh', setting)],
  columns: {
    completedPerSecond: 'completed/s',
    cpuMs: 'CPU ms a sale',
    'cpu.postgres': '– of it PostgreSQL',
    'post.p99Ms': 'POST p99 ms',
    'flow.p99Ms': 'placed → completed p99 ms',
    foreign: 'foreign',
  },
  ratios: ['completedPerSecond', 'cpuMs', 'cpu.postgres'],
};

class History implements Subject {
  private readonly shop: ShopSystem;

  constructor(
    readonly name: 'stored' | 'fresh',
    private readonly setting: Setting,
  ) {
    const { stored } = counts[setting.scale];
    this.shop = new ShopSystem(name, setting, async (db) => {
      if (name === 'stored') await loadSales(db, stored);
    });
  }

  async start(): Promise<void> {
    await this.shop.start();
    await this.sell(counts[this.setting.scale].warmUp);
  }

  run(): Promise<Figures> {
    return this.sell(counts[this.setting.scale].orders);
  }

  stop(): Promise<void> {
    return this.shop.stop();
  }

  private sell(orders: number): Promise<Figures> {
    return sell(this.shop, () => placeAtOnce(this.shop.orders, { orders, connections }));
  }
}
