import { Random } from './random';

/** What a customer asks for, and when. */
export interface Purchase {
  /** From 0. */
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
  request: {
    customerId: string;
    currency: string;
    items: { sku: string; quantity: number }[];
    paymentToken: string;
  };
}

export type PurchaseKind = 'approve' | 'decline' | 'timeout-once' | 'timeout' | 'unknown-user';

const shares: [PurchaseKind, number][] = [
  ['approve', 0.58],
  ['decline', 0.14],
  ['timeout-once', 0.14],
  ['timeout', 0.05],
  ['unknown-user', 0.09],
];

const tokens: Record<PurchaseKind, string> = {
  approve: 'tok_approve',
  decline: 'tok_decline',
  'timeout-once': 'tok_timeout_once',
  timeout: 'tok_timeout',
  'unknown-user': 'tok_approve',
};

const goods = [
  ['USD', 'MUG-BLUE'],
  ['USD', 'TEA-ASSAM'],
  ['EUR', 'COFFEE-HOUSE'],
  ['EUR', 'LAMP-DESK'],
  ['JPY', 'GRINDER-HAND'],
  ['KWD', 'TEA-SENCHA'],
] as const;

export interface PurchasesOptions {
  seed: number;
  orders: number;
}

/** The same for the same options. */
export function purchasesOf({ seed, orders }: PurchasesOptions): Purchase[] {
  const random = new Random(seed, 'plans');
  return Array.from({ length: orders }, (_, number) => purchaseOf(number, random));
}

function purchaseOf(number: number, random: Random): Purchase {
  const kind = kindOf(random);
  const [currency, sku] = random.pick(goods);
  const item = { sku, quantity: random.int(1, 4) };
  return {
    number,
    kind,
    copies: random.chance(0.15) ? random.int(2, 5) : 1,
    againAfterMs: random.chance(0.1) ? random.int(50, 8_000) : undefined,
    // Most of the race is in the first second.
    cancelAfterMs: random.chance(0.25) ? Math.round(random.next() ** 3 * 10_000) : undefined,
    cancels: random.chance(0.4) ? 2 : 1,
    request: {
      customerId: kind === 'unknown-user' ? '999' : '1',
      currency,
      items: [item],
      paymentToken: tokens[kind],
    },
  };
}

function kindOf(random: Random): PurchaseKind {
  let left = random.next();
  for (const [kind, share] of shares) {
    left -= share;
    if (left < 0) return kind;
  }
  return 'approve';
}
