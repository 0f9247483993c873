import { readAll } from '../../ops/audit/client';
import { Random } from '../random';

export interface Product {
  sku: string;
  /** Minor units, by currency. */
  prices: Record<string, number>;
}

/** What one customer does. */
export interface Purchase {
  /** The body of `POST /v1/orders`. */
  order: {
    customerId: string;
    currency: string;
    items: { sku: string; quantity: number }[];
    paymentToken: string;
  };
  /** The order is cancelled, so long after it was accepted. */
  cancelAfterMs?: number;
}

/** Of the users that a shop has from the start. The thirteenth is suspended. */
const customers = Array.from({ length: 24 }, (_, index) => `${index + 1}`).filter(
  (id) => id !== '13',
);
const unknownCustomer = '999';

const shares = { unknown: 0.01, declined: 0.06, timedOutOnce: 0.02, cancelled: 0.04 };
const itemsMax = 5;
const quantityMax = 3;
const cancelWithinMs = 4_000;
/** Products that stand for a fault of the gateway: the payment token says that here. */
const notForSale = /^TEST-/;

/** @throws Unreachable */
export async function productsOf(ordersUrl: string): Promise<Product[]> {
  const products: Product[] = [];
  const list = readAll<Product>(`${ordersUrl}/v1/products`, { limit: 100 });
  for await (const product of list) {
    if (!notForSale.test(product.sku)) products.push(product);
  }
  return products;
}

/** The same for the same products and seed, without end. */
export function* purchasesOf(products: readonly Product[], seed: number): Generator<Purchase> {
  const random = new Random(seed, 'traffic');
  const currencies = [...new Set(products.flatMap(({ prices }) => Object.keys(prices)))].sort();
  for (;;) {
    const currency = random.pick(currencies);
    const offered = products.filter(({ prices }) => prices[currency] !== undefined);
    const isUnknown = random.chance(shares.unknown);
    const order = {
      customerId: isUnknown ? unknownCustomer : random.pick(customers),
      currency,
      items: basketOf(offered, random),
      paymentToken: tokenOf(random.next()),
    };
    const isCancelled = random.chance(shares.cancelled);
    const cancelAfterMs = isCancelled ? random.int(0, cancelWithinMs) : undefined;
    yield { order, cancelAfterMs };
  }
}

function basketOf(offered: readonly Product[], random: Random) {
  const count = random.int(1, Math.min(itemsMax, offered.length));
  const chosen = random.shuffle(offered).slice(0, count);
  return chosen.map(({ sku }) => ({ sku, quantity: random.int(1, quantityMax) }));
}

function tokenOf(chance: number): string {
  if (chance < shares.declined) return 'tok_decline';
  return chance < shares.declined + shares.timedOutOnce ? 'tok_timeout_once' : 'tok_approve';
}
