import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Hop } from '../src/api/journey';
import { buildJourney } from '../src/journey/build-journey';
import type { JourneyFacts } from '../src/journey/facts';
import { orderMessages } from '../src/journey/order-messages';
import {
  began,
  entry,
  facts,
  known,
  later,
  line,
  order,
  orderId,
  payment,
  paymentId,
  placed,
  saleId,
  step,
  traceId,
} from './journey-facts';

const booked = [entry('sale', 70), entry('settlement', 216, 'e2')];
const cancelled = order('cancelled', [
  placed,
  known,
  ['paid', 212, 'payment-captured'],
  ['cancel_pending', 500, 'cancel-requested: changed my mind'],
  ['cancelled', 700, 'payment-refunded'],
]);
const refunded = payment(
  [
    ['approved', 100],
    ['approved', 640, 'refund'],
  ],
  { status: 'refunded' },
);
const declined = payment([['declined', 100]], {
  status: 'declined',
  declineReason: 'card_declined',
});
const failed = order('payment_failed', [
  placed,
  known,
  ['payment_failed', 120, 'payment-declined: card_declined'],
]);

const hopsOf = (more: Partial<JourneyFacts>) => buildJourney(facts(more)).hops;
const handled = (hops: readonly Hop[], queue: string) =>
  hops.filter((hop) => hop.kind === 'handled' && hop.queue === queue);
/** Since when each queue's message was on its way. */
const sinceOf = (more: Partial<JourneyFacts>) =>
  hopsOf(more).flatMap(({ kind, queue, since }): [string, number, string][] =>
    kind === 'handled' && queue && since ? [[queue, since.ms, since.what]] : [],
  );

describe('a hop that is made from records', () => {
  it('tells since when its message was on its way, and not how long it was worked on', () => {
    expect(sinceOf({ entries: booked })).toEqual([
      ['orders.confirm-order', 40, 'the order was placed'],
      ['payments.sale-finalized', 20, 'the sale was finalized'],
      ['financial.sale-finalized', 30, 'the sale was finalized'],
      ['payments.charge-payment', 40, 'the payment was opened'],
      ['orders.payment-captured', 112, 'the payment was captured'],
      ['financial.payment-captured', 116, 'the payment was captured'],
      ['orders.sale-booked', 160, 'the sale was booked'],
    ]);
    for (const hop of hopsOf({ entries: booked })) {
      expect(hop).toMatchObject({ source: 'recorded', tookMs: 0 });
      expect(hop.waitedMs).toBeUndefined();
    }
  });

  it.each<[string, Partial<JourneyFacts>, [string, number, string][]]>([
    [
      'a refusal of the gateway',
      { order: failed, payments: [declined], entries: [entry('reversal', 110)] },
      [
        ['financial.payment-declined', 10, 'the payment was declined'],
        ['orders.payment-declined', 20, 'the payment was declined'],
      ],
    ],
    [
      'a refund, by whatever else it came',
      { order: cancelled, payments: [refunded], entries: [entry('refund', 660)] },
      [
        ['payments.refund-payment', 140, 'the order was cancelled'],
        ['financial.payment-refunded', 20, 'the payment was refunded'],
        ['orders.payment-refunded', 60, 'the payment was refunded'],
      ],
    ],
    [
      'a cancellation that took no money',
      {
        order: order('cancelled', [placed, known, ['cancelled', 90, 'cancel-requested: no']]),
        payments: [
          payment([], { status: 'cancelled', updatedAt: new Date(began + 99).toISOString() }),
        ],
        entries: [entry('sale', 70), entry('reversal', 97, 'e2')],
      },
      [
        ['financial.order-cancelled', 7, 'the order was cancelled'],
        ['payments.order-cancelled', 9, 'the order was cancelled'],
      ],
    ],
  ])('tells so of %s', (_what, more, last) => {
    expect(sinceOf(more).slice(-last.length)).toEqual(last);
  });

  it('tells nothing of two clocks that differ', () => {
    const early = payment([['approved', 100]], { createdAt: new Date(began + 30).toISOString() });
    const [opened] = handled(hopsOf({ payments: [early] }), 'payments.sale-finalized');
    expect(opened).toMatchObject({ note: 'payment opened', cause: 'sent SaleFinalized' });
    expect(opened?.since).toBeUndefined();
  });

  it('has the body of its message, made again as its contract has it', () => {
    const cases = [
      facts({ entries: booked }),
      facts({ order: failed, payments: [declined] }),
      facts({ order: cancelled, payments: [refunded] }),
    ];
    const messages = cases.flatMap(orderMessages);
    for (const { contract, body } of messages) {
      const made = plainToInstance<object, object>(contract, body);
      expect(validateSync(made, { whitelist: true, forbidNonWhitelisted: true })).toEqual([]);
    }
    expect(new Set(messages.map(({ contract }) => contract.name))).toEqual(
      new Set([
        ...['ConfirmOrder', 'SaleFinalized', 'ChargePayment', 'PaymentCaptured', 'SaleBooked'],
        ...['PaymentDeclined', 'OrderCancelled', 'RefundPayment', 'PaymentRefunded'],
      ]),
    );
  });

  it('says that its body was made again, and without what', () => {
    const hops = hopsOf({ entries: booked });
    expect(handled(hops, 'financial.sale-finalized')).toEqual([
      expect.objectContaining({
        body: {
          orderId,
          customerId: '1',
          customerName: 'Paul Jhon',
          currency: 'USD',
          total: 2500,
          items: [{ sku: 'MUG-BLUE', quantity: 2, unitPrice: 1250 }],
          finalizedAt: '2026-11-26T12:00:00.040Z',
        },
        bodyMade: { without: ['paymentToken'] },
        records: [{ what: 'ledger entry', value: booked[0] }],
      }),
    ]);
    expect(handled(hops, 'orders.sale-booked')[0]?.body).toEqual({
      orderId,
      transactionId: saleId,
    });
    expect(handled(hops, 'payments.charge-payment')[0]).toMatchObject({
      body: { paymentId },
      bodyMade: { without: [] },
    });
  });

  it('is joined to where its message was sent', () => {
    const hops = hopsOf({ entries: booked });
    const sent = hops.filter(({ kind }) => kind === 'sent');
    expect(sent.map(({ service, contract, cause }) => [service, contract, cause])).toEqual([
      ['orders', 'ConfirmOrder', 'timeline 0'],
      ['orders', 'SaleFinalized', 'timeline 1'],
      ['payments', 'ChargePayment', `payment ${paymentId}`],
      ['financial', 'SaleBooked', `entry ${saleId}`],
      ['payments', 'PaymentCaptured', `payment ${paymentId} 1`],
    ]);
    const ids = new Set(hops.map(({ id }) => id));
    const acts = hops.filter(({ kind }) => kind === 'handled');
    expect(acts.every(({ cause }) => ids.has(cause ?? ''))).toBe(true);
  });

  it('is a request where no message came', () => {
    const requests = hopsOf({ order: cancelled }).filter(({ kind }) => kind === 'http');
    expect(requests.map(({ route, note }) => [route, note])).toEqual([
      ['POST /v1/orders', 'placed'],
      ['POST /v1/orders/:id/cancel', 'cancel pending'],
    ]);
    const given = order('rejected', [placed, ['rejected', 9, 'confirmation-expired']]);
    const last = hopsOf({ order: given, payments: [] }).at(-1);
    expect([last?.note, last?.queue]).toEqual(['rejected (confirmation-expired)', undefined]);
  });
});

describe('tries that are made from records', () => {
  const queue = 'financial.sale-finalized';
  const error = 'DatabaseUnavailable: no answer';
  const failure = line(
    'message failed',
    60,
    { queue, attempt: 1, nextAfter: '1s', error, messageId: 'm' },
    { service: 'financial' },
  );

  it('are two where the log knows of a failure and a record of what came after', () => {
    const tries = handled(hopsOf({ entries: [entry('sale', 1_070)], logs: [failure] }), queue);
    expect(tries.map((hop) => [hop.attempt, hop.outcome, hop.note, hop.messageId])).toEqual([
      [1, 'retried', undefined, 'm'],
      [2, 'ok', 'sale booked', 'm'],
    ]);
    expect(tries[1]).toMatchObject({
      cause: tries[0]?.id,
      since: { ms: 1_010, what: 'try 1 failed' },
      body: tries[0]?.body,
    });
  });

  it('are not joined where the tier was not waited for', () => {
    const [first, second] = handled(
      hopsOf({ entries: [entry('sale', 500)], logs: [failure] }),
      queue,
    );
    expect([first?.attempt, second?.attempt]).toEqual([1, 1]);
    expect(second?.since?.what).toBe('the sale was finalized');
  });

  it('take what the log says of an attempt that failed', () => {
    const charge = { queue: 'payments.charge-payment', attempt: 1, nextAfter: '1s' };
    const said = { ...charge, error: 'GatewayTimeout: no response', messageId: 'm' };
    const logs = [line('message failed', 130, said, { service: 'payments' })];
    const payments = [
      payment([
        ['timed_out', 100],
        ['approved', 1_150],
      ]),
    ];
    const [first, second, ...others] = handled(hopsOf({ payments, logs }), charge.queue);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      attempt: 1,
      retryTier: '1s',
      error: { code: 'GatewayTimeout', message: 'no response' },
      lines: ['message failed 130'],
      records: [{ what: 'attempt' }, { what: 'log line' }],
    });
    expect(second).toMatchObject({ attempt: 2, outcome: 'ok', money: { what: 'captured' } });
  });

  it('are none of a message where the gateway told later, or a check found it', () => {
    const payments = [
      payment([
        ['pending', 100],
        ['approved', 9_000],
      ]),
    ];
    const hops = hopsOf({ payments });
    expect(handled(hops, 'payments.charge-payment')).toHaveLength(1);
    const later = hops.find(({ note }) => note?.startsWith('charge approved'));
    expect(later).toMatchObject({
      note: 'charge approved, by worker host:12; told by the gateway or found by a check',
      queue: undefined,
    });
    expect(later?.since).toBeUndefined();
    expect(later?.body).toBeUndefined();
  });

  it('say by the id of a message when it was sent', () => {
    const sentAt = (began + 10).toString(16).padStart(12, '0');
    const messageId = `${sentAt.slice(0, 8)}-${sentAt.slice(8)}-7000-8000-000000000000`;
    const said = { queue: 'orders.deliver-webhook', attempt: 1, error, messageId };
    const hops = hopsOf({ logs: [line('message failed', 60, said)] });
    expect(handled(hops, 'orders.deliver-webhook')[0]?.since).toEqual({
      ms: 50,
      what: 'its message was sent',
    });
  });

  it('end in a dead letter with its own body and headers, told once', () => {
    const dead = {
      service: 'payments',
      id: 'm',
      queue: 'payments.charge-payment',
      type: 'ChargePayment',
      errorCode: 'gateway_refused',
      errorMessage: 'HTTP 422',
      handler: 'ChargePaymentWork.handle',
      attempts: 1,
      replays: 0,
      lastFailedAt: new Date(began + 140).toISOString(),
      traceId: 'd'.repeat(32),
      body: '{"paymentId":"p9"}',
      headers: { 'x-attempts': 1 },
    };
    const error = 'Rejected: HTTP 422';
    const said = { queue: dead.queue, attempts: 1, code: 'gateway_refused', error };
    const logs = [line('message dead-lettered', 141, { ...said, messageId: 'm' })];
    for (const known of [logs, []]) {
      const hops = hopsOf({ payments: [payment([])], logs: known, deadLetters: [dead] });
      const [letter, ...others] = handled(hops, dead.queue);
      expect(others).toEqual([]);
      expect(letter).toMatchObject({
        outcome: 'dead',
        body: { paymentId: 'p9' },
        headers: { 'x-attempts': 1 },
        error: { code: 'gateway_refused', message: 'HTTP 422' },
        traceId: known.length > 0 ? traceId : dead.traceId,
      });
      expect(letter?.bodyMade).toBeUndefined();
    }
  });
});

describe('the trace of a hop that is made from records', () => {
  const other = 'b'.repeat(32);
  const own = line('payment captured', 105, { paymentId }, { service: 'payments' });
  const tracesOf = (hops: readonly Hop[]) => new Set(hops.map((hop) => hop.traceId));

  it('is that of the messages that it is joined by', () => {
    expect(tracesOf(hopsOf({ entries: booked, logs: [own] }))).toEqual(new Set([traceId]));
  });

  it('is that of its own flow, not the first one', () => {
    const last = { state: 'cancelled', cause: 'payment-refunded' };
    const logs = [own, line('order advanced', 700, last, { traceId: other })];
    const hops = hopsOf({ order: cancelled, payments: [refunded], logs });
    const of = (note: string) => hops.find((hop) => hop.note?.startsWith(note))?.traceId;
    expect([of('placed'), of('payment opened'), of('paid')]).toEqual(Array(3).fill(traceId));
    expect([of('cancel pending'), of('refund'), of('cancelled')]).toEqual(Array(3).fill(other));
  });

  it('is not known where two are, or where recovery took a hand', () => {
    const booking = line('sale booked', 72, { transactionId: saleId }, { traceId: other });
    const two = hopsOf({ entries: booked, logs: [own, booking] });
    expect(handled(two, 'payments.charge-payment')[0]?.traceId).toBe(traceId);
    expect(handled(two, 'financial.sale-finalized')[0]?.traceId).toBe(other);
    expect(handled(two, 'orders.confirm-order')[0]?.traceId).toBe('');
    const resent = hopsOf({ logs: [own, line('charge resent', 90, { paymentId })] });
    expect(resent.filter((hop) => hop.traceId !== '')).toHaveLength(1);
  });

  it('is not known where nothing is', () => {
    expect(tracesOf(hopsOf({ entries: booked }))).toEqual(new Set(['']));
  });
});

describe('records of what was seen', () => {
  const sale = { service: 'orders', contract: 'SaleFinalized', exchange: 'sale-finalized' };

  it('add to it, and no hop', () => {
    const steps = [
      step({ id: 'h', kind: 'http', service: 'orders', route: 'POST /v1/orders', at: began - 5 }),
      step({ id: 'a', service: 'orders', queue: 'orders.confirm-order', at: began + 20 }),
      step({ id: 'b', kind: 'sent', ...sale, messageId: 'm', at: began + 41 }),
      step({ id: 'c', queue: 'payments.sale-finalized', messageId: 'm', at: began + 50 }),
    ];
    const hops = hopsOf({
      steps,
      payments: [payment([])],
      order: order('pending', [placed, known]),
    });
    const seen = hops.filter(({ source }) => source === 'seen');
    expect(seen.map(({ id }) => id)).toEqual(['h', 'a', 'b', 'c']);
    expect(
      hops.filter(({ source }) => source === 'recorded').map(({ contract }) => contract),
    ).toEqual(['ConfirmOrder', 'ChargePayment']);
    expect(seen[3]).toMatchObject({
      note: 'payment opened',
      cause: 'b',
      body: { orderId },
      bodyMade: { without: ['paymentToken'] },
    });
    expect(seen[3]?.since).toBeUndefined();
  });

  it('go to the try that they are of, whatever else of it was seen', () => {
    const queue = 'financial.sale-finalized';
    const financial = { service: 'financial', queue, messageId: 'm' };
    const steps = [
      step({ ...financial, id: 'a', attempt: 1, outcome: 'retried', body: { seen: 1 } }),
      step({ ...financial, id: 'b', attempt: 2, at: began + 1_100 }),
      step({ ...financial, id: 'c', attempt: 1, outcome: 'absorbed', at: began + 1_200 }),
    ];
    const tries = handled(hopsOf({ steps, entries: [entry('sale', 1_105)] }), queue);
    expect(tries.map(({ id, note }) => [id, note])).toEqual([
      ['a', undefined],
      ['b', 'sale booked'],
      ['c', undefined],
    ]);
    expect(tries[0]?.body).toEqual({ seen: 1 });
  });

  it('say in the sentence what was not seen', () => {
    const sentenceOf = (more: Partial<JourneyFacts>, now: number) =>
      buildJourney(facts(more), now).sentence;
    expect(sentenceOf({}, later)).toMatch(/ booked\. From records: nobody watched\.$/);
    const steps = [step({ queue: 'payments.charge-payment' })];
    expect(sentenceOf({ steps }, later)).toMatch(
      / Of 6 steps 1 was seen, the others are from records\.$/,
    );
    // Of what was just recorded the steps may not have been told yet.
    expect(sentenceOf({}, began + 300)).toMatch(/ booked\.$/);
  });
});
