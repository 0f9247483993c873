import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import * as contracts from '../src';
import type { Contract } from '@tradepost/messaging/contract';
import { amountMax, LogEntries, LogEntry, LogSequence, Payment, SaleItem } from '../src';

type Fields = Record<string, unknown>;

/** A field and a value that it refuses; undefined leaves it out. */
type Refused = [field: string, value: unknown];

const badFacts: Refused[] = [
  ['paymentId', 'p-1'],
  ['orderId', undefined],
  ['currency', 'usd'],
  ['amount', -1],
  ['amount', 19.9],
  ['amount', '1990'],
  ['amount', amountMax + 1],
];
const item = SaleItem.sample;
const line = LogEntry.sample;

/** What a field refuses beyond what is of another type. */
const refused: Record<string, Refused[]> = {
  ConfirmOrder: [['customerId', '']],
  ChargePayment: [['paymentId', '']],
  GetUser: [
    ['id', ''],
    ['id', 'x'.repeat(65)],
  ],
  OrderCancelled: [
    ['orderId', 'o-1'],
    ['reason', ''],
  ],
  SaleFinalized: [
    ['customerName', ''],
    ['currency', 'GBP'],
    ['total', 0.5],
    ['items', []],
    ['items', Array.from({ length: 101 }, () => item)],
    ['items', [{ ...item, quantity: 0 }]],
    ['items', [{ ...item, unitPrice: -1 }]],
    ['items', [{ quantity: 1, unitPrice: 1 }]],
    ['items', 'MUG'],
    ['items', ['MUG']],
    ['items', [[]]],
    ['finalizedAt', 'yesterday'],
  ],
  PaymentCaptured: badFacts,
  PaymentRefunded: badFacts,
  PaymentDeclined: [...badFacts, ['reason', '']],
  Payment: [...badFacts, ['status', 'lost'], ['declineReason', '']],
  User: [
    ['email', 'paul'],
    ['status', 'gone'],
    ['name', ''],
  ],
  LogEntries: [
    ['entries', []],
    ['entries', Array.from({ length: 1_001 }, () => line)],
    ['entries', [[]]],
    ['entries', [line, { ...line, level: 'fatal' }]],
    ['entries', [{ ...line, service: '' }]],
    ['entries', [{ ...line, message: 'x'.repeat(8_193) }]],
    ['entries', [{ ...line, time: 'now' }]],
    ['entries', [{ ...line, data: 'text' }]],
    ['sequence', { instance: 'me', first: 1 }],
    ['sequence', { ...LogSequence.sample, first: 0 }],
  ],
};

interface Message {
  new (): object;
  readonly sample: object;
}

const isClass = (one: unknown): one is Message => typeof one === 'function';
// PaymentFacts alone is abstract: others have its fields.
const messages = Object.entries<unknown>(contracts).filter(
  (entry): entry is [string, Message] => isClass(entry[1]) && entry[0] !== 'PaymentFacts',
);

const all = Object.entries<unknown>(contracts).filter(
  (entry): entry is [string, Contract] => typeof entry[1] === 'function' && 'route' in entry[1],
);

function violationsOf(type: new () => object, fields: Fields): string[] {
  return validateSync(plainToInstance(type, fields)).map(({ property }) => property);
}

describe.each(messages)('%s', (name, message) => {
  const good = message.sample as Fields;

  it('has a sample: `static readonly sample`, with every field', () => {
    expect(good).toEqual(expect.any(Object));
    expect(violationsOf(message, good)).toEqual([]);
  });

  it('has a rule for every field: what is of another type is refused', () => {
    for (const [field, value] of Object.entries(good)) {
      const other = typeof value === 'object' ? 7 : {};
      expect(violationsOf(message, { ...good, [field]: other })).toEqual([field]);
    }
  });

  it('refuses what is out of bounds', () => {
    for (const [field, value] of refused[name] ?? []) {
      expect([value, violationsOf(message, { ...good, [field]: value })]).toEqual([value, [field]]);
    }
  });

  it('accepts a body that knows more, and refuses one that knows nothing', () => {
    expect(violationsOf(message, { ...good, since: 'next year' })).toEqual([]);
    expect(violationsOf(message, {}).length).toBeGreaterThan(0);
  });
});

it('lines and a payment have fields that may be missing', () => {
  const bare = { ...line, context: undefined, traceId: undefined, data: undefined };
  expect(violationsOf(LogEntries, { entries: [bare] })).toEqual([]);
  const paid = { ...Payment.sample, status: 'captured', declineReason: undefined };
  expect(violationsOf(Payment, paid)).toEqual([]);
});

describe('routes', () => {
  // An older version has the route of today's.
  const old = new Set(all.flatMap(([, { upcasts = [] }]) => upcasts.map(({ from }) => from)));
  const today = all.filter(([, contract]) => !old.has(contract));
  const addresses = today.map(([, { route }]) => ('queue' in route ? route.queue : route.exchange));

  it('are unique', () => {
    expect(addresses).not.toEqual([]);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it.each(today)('%s is addressed by its own name', (name, { route }) => {
    const kebab = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
    switch (route.kind) {
      case 'work':
      case 'rpc':
        // <owner>.<verb>-<noun>
        expect(route.queue).toMatch(new RegExp(`^[a-z-]+\\.${kebab}$`));
        break;
      case 'fanout':
        expect(route.exchange).toBe(kebab);
        break;
      case 'topic':
        expect(route.exchange).toMatch(/^[a-z-]+$/);
    }
  });
});
