import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import * as contracts from '../src';
import type { Contract } from '@tradepost/messaging/contract';
import { amountMax, Payment, User } from '../src';

type Fields = Record<string, unknown>;

interface Sample {
  good: Fields;
  /** A field and a value that it refuses; undefined leaves it out. */
  bad: [field: string, value: unknown][];
}

const id = '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0f';
const paymentFacts = { paymentId: id, orderId: id, currency: 'USD', amount: 1_990 };
const badFacts: Sample['bad'] = [
  ['paymentId', 'p-1'],
  ['orderId', undefined],
  ['currency', 'usd'],
  ['amount', -1],
  ['amount', 19.9],
  ['amount', '1990'],
  ['amount', amountMax + 1],
];
const item = { sku: 'MUG', quantity: 2, unitPrice: 990 };

const line = {
  level: 'warning',
  service: 'orders',
  message: 'slow',
  time: '2026-01-31T12:00:00.000Z',
  context: 'PlaceOrder',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  data: { ms: 12 },
};

const samples: Record<string, Sample> = {
  ConfirmOrder: {
    good: { orderId: id, customerId: '1' },
    bad: [
      ['orderId', 1],
      ['customerId', ''],
    ],
  },
  ChargePayment: { good: { paymentId: id }, bad: [['paymentId', '']] },
  RefundPayment: { good: { paymentId: id }, bad: [['paymentId', null]] },
  NotifyAlert: { good: { alertId: id }, bad: [['alertId', 'a-1']] },
  DeliverWebhook: { good: { deliveryId: id }, bad: [['deliveryId', 'd-1']] },
  GetPayment: { good: { orderId: id }, bad: [['orderId', 'o-1']] },
  GetUser: {
    good: { id: '1' },
    bad: [
      ['id', 1],
      ['id', ''],
      ['id', 'x'.repeat(65)],
    ],
  },
  OrderCancelled: {
    good: { orderId: id, reason: 'changed their mind' },
    bad: [
      ['orderId', 'o-1'],
      ['reason', ''],
    ],
  },
  SaleBooked: { good: { orderId: id, transactionId: id }, bad: [['transactionId', undefined]] },
  SaleFinalized: {
    good: {
      orderId: id,
      customerId: '1',
      customerName: 'Paul Jhon',
      currency: 'JPY',
      total: 1_980,
      items: [item],
      paymentToken: 'tok_approve',
      finalizedAt: '2026-01-31T12:00:00.000Z',
    },
    bad: [
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
      ['paymentToken', 7],
      ['finalizedAt', 'yesterday'],
    ],
  },
  PaymentCaptured: { good: paymentFacts, bad: badFacts },
  PaymentRefunded: { good: paymentFacts, bad: badFacts },
  PaymentDeclined: {
    good: { ...paymentFacts, reason: 'card_declined' },
    bad: [...badFacts, ['reason', '']],
  },
  LogEntries: {
    good: {
      entries: [line, { ...line, context: undefined, traceId: undefined, data: undefined }],
      sequence: { instance: id, first: 1 },
    },
    bad: [
      ['entries', []],
      ['entries', Array.from({ length: 1_001 }, () => line)],
      ['entries', 'line'],
      ['entries', [[]]],
      ['entries', [line, { ...line, level: 'fatal' }]],
      ['entries', [{ ...line, service: '' }]],
      ['entries', [{ ...line, message: 'x'.repeat(8_193) }]],
      ['entries', [{ ...line, time: 'now' }]],
      ['entries', [{ ...line, data: 'text' }]],
      ['sequence', 7],
      ['sequence', { instance: 'me', first: 1 }],
      ['sequence', { instance: id, first: 0 }],
    ],
  },
};

const all = Object.entries<unknown>(contracts).filter(
  (entry): entry is [string, Contract] => typeof entry[1] === 'function' && 'route' in entry[1],
);

function violationsOf(type: new () => object, fields: Fields): string[] {
  return validateSync(plainToInstance(type, fields)).map(({ property }) => property);
}

function sampleOf(name: string): Sample {
  const sample = samples[name];
  if (!sample) throw new Error(`${name} is new: give it a sample in this file`);
  return sample;
}

describe.each(all)('%s', (name, contract) => {
  const { good, bad } = sampleOf(name);

  it('accepts a good body', () => {
    expect(violationsOf(contract, good)).toEqual([]);
  });

  it.each(bad)('refuses a bad %s (%#)', (field, value) => {
    expect(violationsOf(contract, { ...good, [field]: value })).toEqual([field]);
  });

  it('accepts a body that knows more, and refuses one that knows nothing', () => {
    expect(violationsOf(contract, { ...good, since: 'next year' })).toEqual([]);
    expect(violationsOf(contract, {}).length).toBeGreaterThan(0);
  });
});

describe('User', () => {
  const paul = { id: '1', name: 'Paul Jhon', email: 'paul.jhon@example.com', status: 'active' };

  it('accepts a good reply', () => {
    expect(violationsOf(User, paul)).toEqual([]);
  });

  it.each([
    ['email', 'paul'],
    ['status', 'gone'],
    ['name', ''],
  ])('refuses %s as %j', (field, value) => {
    expect(violationsOf(User, { ...paul, [field]: value })).toEqual([field]);
  });
});

describe('Payment', () => {
  const declined = { ...paymentFacts, status: 'declined', declineReason: 'card_declined' };

  it('accepts a good reply, with a reason or without', () => {
    expect(violationsOf(Payment, declined)).toEqual([]);
    expect(violationsOf(Payment, { ...paymentFacts, status: 'captured' })).toEqual([]);
  });

  it.each([...badFacts, ['status', 'lost'], ['declineReason', '']] as Sample['bad'])(
    'refuses a bad %s (%#)',
    (field, value) => {
      expect(violationsOf(Payment, { ...declined, [field]: value })).toEqual([field]);
    },
  );
});

describe('routes', () => {
  const addresses = all.map(([, { route }]) => ('queue' in route ? route.queue : route.exchange));

  it('are unique', () => {
    expect(addresses.length).toBe(Object.keys(samples).length);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it.each(all)('%s is addressed by its own name', (name, { route }) => {
    const kebab = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
    switch (route.kind) {
      case 'work':
      case 'rpc':
        // <owner>.<verb>-<noun>
        expect(route.queue).toMatch(new RegExp(`^[a-z-]+\\.${kebab}$`));
        break;
      case 'fanout':
        // what happened, in the past tense
        expect(route.exchange).toBe(kebab);
        expect(route.exchange).toMatch(/ed$/);
        break;
      case 'topic':
        expect(route.exchange).toMatch(/^[a-z]+s$/);
    }
  });
});
