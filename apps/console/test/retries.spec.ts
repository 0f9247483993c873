import type { DeclaredMessaging } from '@tradepost/messaging';
import { retryTiers } from '../src/flow/retry-tiers';
import { buildJourney } from '../src/journey/build-journey';
import { DueRetries } from '../src/live/due-retries';
import { type QueueFacts, QueueStates } from '../src/live/queue-states';
import { retriesInWords } from '../page/views/flow/retry-words';
import { began, facts, handler, payment, step } from './journey-facts';

const { queue } = handler;
const tier = (name: string, ms: number) => ({ name, args: { 'x-message-ttl': ms } });
const payments: DeclaredMessaging = {
  service: 'payments',
  mode: 'simple',
  handlers: [{ ...handler, retry: ['1s', '5s', '30s'] }],
  sends: [],
  topology: {
    exchanges: [],
    queues: [
      tier('retry.1s', 1_000),
      tier('retry.5s', 5_000),
      tier('retry.30s', 30_000),
      { name: 'retry.unroutable', args: {} },
      tier('left-over', 9_000),
    ],
    bindings: [],
  },
};
const failed = (at: number, retryTier: string) =>
  step({ queue, outcome: 'retried', retryTier, at: began + at, tookMs: 100 });

const stateOf = (more: Partial<QueueFacts>) => {
  const [state] = new QueueStates().read(
    {
      topologies: [payments],
      brokerQueues: undefined,
      consumersExpected: new Map(),
      edgeRates: new Map(),
      handlerRates: new Map(),
      retrying: new Set([queue]),
      dueRetries: new Map(),
      held: new Map(),
      now: began,
      ...more,
    },
    true,
  );
  if (state === undefined) throw new Error('the queue is declared');
  return state;
};
const waiting = [
  { name: 'retry.5s', messages_ready: 2 },
  { name: 'retry.30s', messages_ready: 1 },
];

const strictly: DeclaredMessaging = {
  ...payments,
  mode: 'strict',
  topology: {
    ...payments.topology,
    queues: [tier('payments.retry.5s', 5_000), tier('payments.retry.30s', 30_000)],
  },
};

it('takes the tiers from what services declare', () => {
  expect(retryTiers([payments])).toEqual({ '1s': 1_000, '5s': 5_000, '30s': 30_000 });
  expect(retryTiers([strictly])).toEqual({ '5s': 5_000, '30s': 30_000 });
});

it('counts in strict mode what waits in the tiers of the service', () => {
  const brokerQueues = [...waiting, { name: 'payments.retry.5s', messages_ready: 4 }];
  const state = stateOf({ topologies: [strictly], brokerQueues });
  expect(state.retries).toEqual([{ tier: '5s', count: 4 }]);
});

describe('the next retry of a queue', () => {
  it('comes within the shortest tier that has messages', () => {
    const state = stateOf({ brokerQueues: waiting });
    expect(state.nextRetry).toEqual({ withinMs: 5_000, own: 0 });
    expect(retriesInWords(state)).toBe(
      '2 in 5s, 1 in 30s, with those of other queues; the next within 5 s',
    );
  });

  it('is in no tier where messages of a key wait in the database', () => {
    const [handler] = payments.handlers;
    const inOrder = { ...handler, orderedBy: 'paymentId' } as typeof handler & object;
    const topologies = [{ ...payments, handlers: [inOrder] }];
    const held = new Map([[queue, { waiting: 2, keys: 1, stopped: 0, oldestSeconds: 4.2 }]]);
    const state = stateOf({ topologies, brokerQueues: waiting, held });
    expect(state).toMatchObject({ retries: [], nextRetry: null, held: { oldestMs: 4_200 } });
  });

  it('is known where the failure was seen, before the broker counts it', () => {
    const due = new DueRetries();
    for (const one of [failed(0, '5s'), failed(1_000, '30s'), failed(2_000, '1s')]) due.add(one);
    due.add(step({ queue, outcome: 'ok' }));
    const dueRetries = due.read(retryTiers([payments]), began + 3_900);
    const state = stateOf({ dueRetries });
    expect(state.nextRetry).toEqual({ withinMs: 1_200, own: 2 });
    expect(retriesInWords(state)).toBe('2 of this queue seen to fail, the next within 2 s');
  });

  it('is none where no message waits, or none of its own has failed', () => {
    expect(stateOf({ brokerQueues: [] }).nextRetry).toBeNull();
    const others = { brokerQueues: waiting, retrying: new Set(['orders.sale-booked']) };
    expect(stateOf(others).nextRetry).toBeNull();
  });

  it('is forgotten when it is due', () => {
    const due = new DueRetries();
    due.add(failed(0, '5s'));
    const tiers = retryTiers([payments]);
    expect(due.read(tiers, began + 5_099).get(queue)).toEqual({ count: 1, nextMs: 1 });
    expect(due.read(tiers, began + 5_100).size).toBe(0);
    expect(due.read(tiers, began).size).toBe(0);
  });
});

describe('a try that failed', () => {
  const dueOf = (more: Parameters<typeof facts>[0]) =>
    buildJourney(facts(more))
      .hops.filter((hop) => hop.outcome === 'retried')
      .map(({ dueAt }) => dueAt);

  it('says when its message comes again, as long as it waits', () => {
    const first = { ...failed(100, '5s'), messageId: 'm' };
    expect(dueOf({ steps: [first], payments: [payment([])] })).toEqual([began + 5_200]);
    const again = step({ id: 's2', queue, messageId: 'm', attempt: 2, at: began + 5_210 });
    expect(dueOf({ steps: [first, again], payments: [payment([])] })).toEqual([undefined]);
  });

  it('does not say it where its tier is not known', () => {
    expect(dueOf({ payments: [payment([['timed_out', 100]])] })).toEqual([undefined]);
  });
});
