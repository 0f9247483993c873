import type { QueueState, ServiceState, System } from '../src/api/live';
import { headlineOf } from '../src/live/headline';

type Facts = Omit<System, 'headline' | 'at' | 'flow' | 'edges'>;

const queue = (more: Partial<QueueState>): QueueState => ({
  name: 'payments.charge-payment',
  pattern: 'work',
  service: 'payments',
  depth: 0,
  unacked: 0,
  consumers: 1,
  consumersExpected: 1,
  inRate: 0,
  outRate: 0,
  oldestMs: 0,
  retries: [],
  nextRetry: null,
  held: null,
  deadLetters: 0,
  depthMax: 0,
  ...more,
});

const service = (name: string, state: ServiceState['state'] = 'ready'): ServiceState => {
  return { name, state, problems: [], warnings: [], outboxLagSeconds: 0, instances: [] };
};

const well: Facts = {
  broker: { up: true, alarms: [] },
  services: [service('orders'), service('payments')],
  queues: [queue({})],
  salesPerMinute: 212.4,
  deadLetters: 0,
  alerts: { critical: 0, warning: 3 },
  booksBalance: true,
};

it('says how things go when nothing needs a hand', () => {
  expect(headlineOf(well)).toEqual({
    tone: 'ok',
    text: 'All well · 212 sales/min · 0 dead letters · books balance',
    to: '/flow',
  });
});

it('claims nothing of books that cannot be asked for', () => {
  const { text } = headlineOf({ ...well, booksBalance: undefined });
  expect(text).toBe('All well · 212 sales/min · 0 dead letters');
});

it.each<[string, Partial<Facts>, string, string]>([
  [
    'a broker that is away, before all that follows from it',
    { broker: { up: false, alarms: [] }, services: [service('payments', 'failing')] },
    'The broker does not answer',
    '/flow',
  ],
  [
    'a service that is down, and what waits for it',
    {
      services: [service('orders'), service('payments', 'down')],
      queues: [queue({ depth: 1200, unacked: 4 }), queue({ service: 'orders', depth: 9 })],
    },
    'payments is down · 1,204 messages wait',
    '/flow?service=payments',
  ],
  [
    'two services',
    { services: [service('orders', 'down'), service('payments', 'down')] },
    'orders and payments are down · 0 messages wait',
    '/flow?service=orders',
  ],
  ['books that do not balance', { booksBalance: false }, 'The books do not balance', '/ledger'],
  [
    'dead letters of one queue',
    { deadLetters: 1, queues: [queue({ deadLetters: 1 })] },
    '1 dead letter · 212 sales/min · books balance',
    '/dead-letters?queue=payments.charge-payment',
  ],
  [
    'critical alerts',
    { alerts: { critical: 2, warning: 0 } },
    '2 critical alerts · 212 sales/min · 0 dead letters · books balance',
    '/logs?level=critical',
  ],
])('tells %s', (_what, more, text, to) => {
  expect(headlineOf({ ...well, ...more })).toEqual({ tone: 'failed', text, to });
});

it('tells where messages have waited for long, without alarm', () => {
  const queues = [queue({ depth: 40, oldestMs: 12_000 }), queue({ depth: 90, oldestMs: 200 })];
  expect(headlineOf({ ...well, queues })).toMatchObject({
    tone: 'waiting',
    text: expect.stringContaining('40 messages wait in payments.charge-payment'),
  });
});

it('tells of messages that a handler in order has held for long', () => {
  const held = { waiting: 3, keys: 1, stopped: 0, oldestMs: 60_000 };
  expect(headlineOf({ ...well, queues: [queue({ held })] })).toMatchObject({
    tone: 'waiting',
    text: expect.stringContaining('3 messages wait in payments.charge-payment'),
    to: '/flow?queue=payments.charge-payment',
  });
  const fresh = queue({ held: { ...held, oldestMs: 2_000 } });
  expect(headlineOf({ ...well, queues: [fresh] }).tone).toBe('ok');
});
