import { join } from 'node:path';
import type { ShopOptions } from '../harness/shop';
import { Tokens } from '../harness/tokens';
import type { Work } from '../harness/work';
import type { Target } from '../sale/client';
import { customers } from '../sale/new-order';
import { salesAt, ShopSubject } from '../sale/shop-subject';
import { ShopSystem } from '../sale/shop-system';

/** How each lets its callers in, and how it uses the broker. */
const guards: Record<string, { mode: ShopOptions['mode']; hasTokens: boolean }> = {
  open: { mode: 'simple', hasTokens: false },
  strict: { mode: 'strict', hasTokens: false },
  tokens: { mode: 'simple', hasTokens: true },
  'strict-tokens': { mode: 'strict', hasTokens: true },
};

/** The first, and one that uses all there is. */
const smoke = ['open', 'strict-tokens'];

export const security: Work = {
  name: 'security',
  title: (scale) =>
    `${salesAt(scale)}, in shops that differ in ` +
    'who is let in: everyone and one user of the broker; a user for each service, ' +
    "strict mode; customers' tokens; both.",
  subjects: (setting) => {
    const names = setting.scale === 'smoke' ? smoke : Object.keys(guards);
    return names.map((name) => new Guarded(name, setting));
  },
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

class Guarded extends ShopSubject {
  private tokens?: Tokens;

  protected async create(): Promise<ShopSystem> {
    const { mode, hasTokens } = guards[this.name] ?? { mode: 'strict', hasTokens: false };
    if (hasTokens) this.tokens = await Tokens.open(join(this.setting.folder, this.name));
    const { tokens } = this;
    const headers = tokens && (await customersOf(tokens));
    const name = `guarded-${this.name}`;
    return new ShopSystem(name, this.setting, undefined, { mode, tokens }, headers);
  }

  protected async close(): Promise<void> {
    await this.tokens?.close();
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
