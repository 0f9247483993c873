import type { JourneyFacts } from '../src/journey/facts';
import { buildJourney } from '../src/journey/build-journey';
import { duration } from '../src/journey/sentence';
import { StepStore } from '../src/journey/step-store';
import {
  began,
  facts,
  handler,
  later,
  line,
  order,
  orderId,
  payment,
  placed,
  step,
  traceId,
} from './journey-facts';

const handled = (more: Partial<JourneyFacts>, queue = handler.queue) =>
  buildJourney(facts(more)).hops.filter((hop) => hop.kind === 'handled' && hop.queue === queue);

const unseen = ' From records: nobody watched.';

describe('the sentence of a journey', () => {
  it.each<[string, Partial<JourneyFacts>, string]>([
    ['a sale', {}, 'Paid after 212 ms and booked.'],
    [
      'tries',
      {
        payments: [
          payment([
            ['timed_out', 100],
            ['approved', 1_110],
          ]),
        ],
      },
      'Paid after 212 ms and booked; payments tried twice because the gateway timed out.',
    ],
    [
      'a refusal of the gateway',
      {
        order: order('payment_failed', [
          placed,
          ['payment_failed', 4_200, 'payment-declined: card_declined'],
        ]),
      },
      'Not paid, after 4.2 s: card declined.',
    ],
    [
      'a customer whom nobody knows',
      {
        order: order('rejected', [placed, ['rejected', 30, 'customer-refused: user_unknown']]),
        payments: [],
      },
      'Rejected after 30 ms: user unknown.',
    ],
  ])('tells %s', (_what, more, sentence) => {
    expect(buildJourney(facts(more), later).sentence).toBe(`${sentence}${unseen}`);
  });

  it('tells what others tried again, copies and dead letters', () => {
    const steps = [
      step({
        id: 'a',
        service: 'financial',
        queue: 'financial.sale-finalized',
        outcome: 'retried',
        error: { code: 'database_unavailable', message: '' },
      }),
      step({ id: 'b', service: 'orders', queue: 'orders.sale-booked', outcome: 'absorbed' }),
    ];
    const dead = { queue: 'orders.deliver-webhook', errorCode: 'webhook_failed' };
    const deadLetters = [dead] as JourneyFacts['deadLetters'];
    expect(buildJourney(facts({ steps, deadLetters }), later).sentence).toBe(
      'Paid after 212 ms and booked; financial failed once (database_unavailable) and tried again; ' +
        'a copy was absorbed; a message is a dead letter of orders.deliver-webhook (webhook_failed). ' +
        'Of 8 steps 2 were seen, the others are from records.',
    );
  });

  it('says how long an order waits that nothing has become of', () => {
    const waiting = order('awaiting_payment', [['awaiting_payment', 0, 'customer-known']]);
    const journey = buildJourney(facts({ order: waiting }), began + 61_000);
    expect(journey.sentence).toBe(`Waits for its payment since 1.0 min.${unseen}`);
    expect(journey.ended).toBe(false);
  });
});

describe('the hops of a journey', () => {
  it('are what was seen, with what is recorded of it', () => {
    const steps = [step({ queue: 'payments.charge-payment', attempt: 1, waitedMs: 3 })];
    expect(handled({ steps })).toEqual([
      expect.objectContaining({
        source: 'seen',
        tookMs: 12,
        waitedMs: 3,
        note: 'charge approved, by worker host:12',
        money: { what: 'captured', amount: 2500, currency: 'USD' },
      }),
    ]);
  });

  it('are made of records where nobody looked, each attempt with its outcome', () => {
    const tried = payment([
      ['timed_out', 100],
      ['approved', 1_110],
    ]);
    const { hops } = buildJourney(facts({ payments: [tried], handlers: [handler] }));
    const charges = hops.filter((hop) => hop.kind === 'handled' && hop.queue === handler.queue);
    expect(charges.map((hop) => [hop.source, hop.attempt, hop.outcome, hop.handler])).toEqual([
      ['recorded', 1, 'retried', 'ChargePaymentWork.handle'],
      ['recorded', 2, 'ok', 'ChargePaymentWork.handle'],
    ]);
    expect(hops[0]).toMatchObject({ kind: 'http', route: 'POST /v1/orders', service: 'orders' });
  });

  it('come in time, also where the log alone knows of a failure', () => {
    const failed = (message: string, ms: number, data: object) =>
      line(message, ms, { queue: 'orders.deliver-webhook', messageId: 'm', ...data });
    const logs = [
      failed('message dead-lettered', 1_500, {
        ...{ attempts: 2, code: 'gone', error: 'Rejected: HTTP 410' },
      }),
      failed('message failed', 300, { attempt: 1, nextAfter: '1s', error: 'Failed: HTTP 500' }),
    ];
    const { hops } = buildJourney(facts({ logs }));
    const times = hops.map((hop) => hop.at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(hops.slice(-2)).toEqual([
      expect.objectContaining({
        outcome: 'retried',
        retryTier: '1s',
        error: { code: 'Failed', message: 'HTTP 500' },
      }),
      expect.objectContaining({
        outcome: 'dead',
        attempt: 2,
        error: { code: 'gone', message: 'HTTP 410' },
        since: { ms: 1_200, what: 'try 1 failed' },
      }),
    ]);
  });

  it('end when the order is at an end and nothing has come for some seconds', () => {
    expect(buildJourney(facts(), began + 1_000).ended).toBe(false);
    expect(buildJourney(facts(), began + 60_000).ended).toBe(true);
  });
});

describe('the steps that are kept', () => {
  it('are found by the order of their flow, whichever of them names it', () => {
    const store = new StepStore();
    store.add(step({ id: 'a' }));
    store.add(step({ id: 'b', body: { orderId } }));
    store.add(step({ id: 'c', body: { orderId: 'another' } }));
    expect(store.tracesOf(orderId)).toEqual([traceId]);
    expect(store.of(orderId, [traceId]).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('are bounded: the oldest go, with all that is known of them', () => {
    const store = new StepStore();
    for (let index = 0; index <= 20_000; index += 1) {
      store.add(step({ id: `${index}`, traceId: `t${index}`, body: { orderId: `o${index}` } }));
    }
    expect(store.tracesOf('o0')).toEqual([]);
    expect(store.of('o0', ['t0'])).toEqual([]);
    expect(store.tracesOf('o20000')).toEqual(['t20000']);
  });
});

it.each([
  [3, '3 ms'],
  [999, '999 ms'],
  [4_230, '4.2 s'],
  [59_000, '59 s'],
  [600_000, '10 min'],
  [7_200_000, '2.0 h'],
])('says %d ms as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
