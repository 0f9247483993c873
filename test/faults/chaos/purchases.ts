import { Random } from '../../../dev/random';

export interface Purchase {
  number: number;
  kind: PurchaseKind;
  /** So many requests with one key at the same time. */
  copies: number;
  /** One more request with the same key, so long after the answer. */
  againAfterMs?: number;
  /** The order is cancelled, so long after it was accepted. */
  cancelAfterMs?: number;
  /** Requests to cancel, at the same time. */
  cancels: number;
  /** The order, as the HTTP API takes it. */
  request: object;
}

export type PurchaseKind = (typeof kinds)[number][0];

/** Each with its share and its payment token. */
const kinds = [
  ['approve', 0.58, 'tok_approve'],
  ['decline', 0.14, 'tok_decline'],
  ['timeout-once', 0.14, 'tok_timeout_once'],
  ['timeout', 0.05, 'tok_timeout'],
  ['unknown-user', 0.09, 'tok_approve'],
] as const;

const goods = [
  ['USD', 'MUG-BLUE'],
  ['USD', 'TEA-ASSAM'],
  ['EUR', 'COFFEE-HOUSE'],
  ['EUR', 'LAMP-DESK'],
  ['JPY', 'GRINDER-HAND'],
  ['KWD', 'TEA-SENCHA'],
] as const;

/** The same for the same options. */
export function purchasesOf({ seed, orders }: { seed: number; orders: number }): Purchase[] {
  const random = new Random(seed, 'plans');
  return Array.from({ length: orders }, (_, number) => purchaseOf(number, random));
}

function purchaseOf(number: number, random: Random): Purchase {
  const [kind, , paymentToken] = kindOf(random);
  const [currency, sku] = random.pick(goods);
  const items = [{ sku, quantity: random.int(1, 4) }];
  return {
    number,
    kind,
    copies: random.chance(0.15) ? random.int(2, 5) : 1,
    againAfterMs: random.chance(0.1) ? random.int(50, 8_000) : undefined,
    // Most of the race is in the first second.
    cancelAfterMs: random.chance(0.25) ? Math.round(random.next() ** 3 * 10_000) : undefined,
    cancels: random.chance(0.4) ? 2 : 1,
    request: { customerId: kind === 'unknown-user' ? '999' : '1', currency, items, paymentToken },
  };
}

function kindOf(random: Random): (typeof kinds)[number] {
  let left = random.next();
  return kinds.find(([, share]) => (left -= share) < 0) ?? kinds[0];
}
