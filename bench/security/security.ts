import { join } from 'node:path';
import type { ShopOptions } from '../harness/shop';
import { Tokens } from '../harness/tokens';
import type { Figures, Setting, Subject, Work } from '../harness/work';
import { placeAtOnce, type Target } from '../sale/client';
import { customers } from '../sale/new-order';
import { connections, sell } from '../sale/sell';
import { ShopSystem } from '../sale/shop-system';

const counts = {
  full: { orders: 3_000, warmUp: 3_000 },
  quick: { orders: 600, warmUp: 600 },
  smoke: { orders: 10, warmUp: 2 },
};

/** How each lets its callers in, and how it uses the broker. */
const guards: Record<string, { mode: ShopOptions['mode']; hasTokens: boolean }> = {
  open: { mode: 'simple', hasTokens: false },
  strict: { mode: 'strict', hasTokens: false },
  tokens: { mode: 'simple', hasTokens: true },
  'strict-tokens': { mode: 'strict', hasTokens: true },
};

export const security: Work = {
  name: 'security',
  title: (scale) =>
    `The sale over ${connections} connections, ${counts[scale].orders} orders, in shops that ` +
    'differ in who is let in: everyone and one user of the broker; a user for each service, ' +
    "strict mode; customers' tokens; both.",
  subjects: (setting) => Object.keys(guards).map((name) => new Guarded(name, setting)),
  columns: {
    completedPerSecond: 'completed/s',
    cpuMs: 'CPU ms a sale',
    'cpu.services': '– of it services',
    'cpu.broker': '– broker',
    'post.p99Ms': 'POST p99 ms',
    'flow.p99Ms': 'placed → completed p99 ms',
    foreign: 'foreign',
  },
  ratios: ['completedPerSecond', 'cpuMs', 'cpu.services', 'post.p99Ms', 'flow.p99Ms'],
};

class Guarded implements Subject {
  private shop?: ShopSystem;
  private tokens?: Tokens;

  constructor(
    readonly name: string,
    private readonly setting: Setting,
  ) {}

  async start(): Promise<void> {
    const { mode, hasTokens } = guards[this.name] ?? { mode: 'strict', hasTokens: false };
    if (hasTokens) this.tokens = await Tokens.open(join(this.setting.folder, this.name));
    const { tokens } = this;
    const headers = tokens && (await customersOf(tokens));
    const name = `guarded-${this.name}`;
    this.shop = new ShopSystem(name, this.setting, undefined, { mode, tokens }, headers);
    await this.shop.start();
    await this.sell(counts[this.setting.scale].warmUp);
  }

  async run(): Promise<Figures> {
    return this.sell(counts[this.setting.scale].orders);
  }

  async stop(): Promise<void> {
    await this.shop?.stop();
    await this.tokens?.close();
  }

  private async sell(orders: number) {
    const { shop } = this;
    if (shop === undefined) throw new Error(`${this.name} does not run`);
    return sell(shop, () => placeAtOnce(shop.orders, { orders, connections }));
  }
}

/** Each order comes with a token of its customer. */
async function customersOf(tokens: Tokens): Promise<Target['headers']> {
  const ids = Array.from({ length: customers }, (_, at) => String(at + 1));
  const scope = 'orders:write orders:read';
  const all = await Promise.all(
    ids.map(async (customerId) => tokens.of({ subject: customerId, scope, customerId })),
  );
  return (order) => {
    const { customerId } = JSON.parse(order) as { customerId: string };
    return { authorization: `Bearer ${all[Number(customerId) - 1]}` };
  };
}
