import type { Figures, Scale, Setting, Subject } from '../harness/work';
import { placeAtOnce } from './client';
import { connections, sell } from './sell';
import type { ShopSystem } from './shop-system';

/** How many sales are measured, and how many come before. */
const counts = {
  full: { orders: 3_000, warmUp: 3_000 },
  quick: { orders: 600, warmUp: 600 },
  smoke: { orders: 10, warmUp: 2 },
};

export const salesAt = (scale: Scale) =>
  `The sale over ${connections} connections, ${counts[scale].orders} orders`;

/** A shop that sells as fast as it can: one of several that differ in one thing. */
export abstract class ShopSubject implements Subject {
  private shop?: ShopSystem;

  constructor(
    readonly name: string,
    protected readonly setting: Setting,
  ) {}

  async start(): Promise<void> {
    this.shop = await this.create();
    await this.shop.start();
    await this.sell(counts[this.setting.scale].warmUp);
  }

  async run(): Promise<Figures> {
    return this.sell(counts[this.setting.scale].orders);
  }

  async stop(): Promise<void> {
    await this.shop?.stop();
    await this.close();
  }

  /** It does not run yet. */
  protected abstract create(): Promise<ShopSystem>;

  /** What `create` has opened beside. */
  protected abstract close(): Promise<void>;

  private async sell(orders: number): Promise<Figures> {
    const { shop } = this;
    if (shop === undefined) throw new Error(`${this.name} does not run`);
    return sell(shop, () => placeAtOnce(shop.orders, { orders, connections }));
  }
}
