import {
  ChargePayment,
  ConfirmOrder,
  GetUser,
  PaymentCaptured,
  SaleBooked,
  SaleFinalized,
} from '@tradepost/contracts';
import type { DeclaredMessaging } from '@tradepost/messaging';
import {
  byName,
  Collector,
  eventually,
  type SeenSpan,
  treeOf,
  WebhookReceiver,
} from '@tradepost/test-kit';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { services, type Service } from '../../apps/services';
import { ownShop } from './own-shop';

const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 1 }] };
/** What a sale says on its way. */
const ofSale = [ConfirmOrder, GetUser, SaleFinalized, SaleBooked, ChargePayment, PaymentCaptured];
const opsToken = 'the-token-of-this-test';

describe('traces of the running system', () => {
  const env: Record<string, string> = { OPS_TOKEN: opsToken, WEBHOOKS_ALLOW_PRIVATE: 'true' };
  let collector: Collector;
  beforeAll(async () => {
    collector = await Collector.open();
    Object.assign(env, collector.env);
  });
  afterAll(() => collector.close());
  const own = ownShop({ env });

  const newTrace = () => {
    const traceId = randomBytes(16).toString('hex');
    return { traceId, traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  };
  const named = (spans: SeenSpan[], name: string) => spans.filter((span) => span.name === name);
  /** The spans of a trace, once they hold what is expected of them. */
  const traceWhen = async (
    traceId: string,
    expected: (spans: SeenSpan[]) => void,
  ): Promise<SeenSpan[]> =>
    eventually(
      () => {
        const spans = collector.trace(traceId);
        try {
          expected(spans);
        } catch (error) {
          throw new Error(`${String(error)}\n${treeOf(spans)}`, { cause: error });
        }
        return spans;
      },
      { withinMs: 20_000 },
    );
  const declared = async (service: Service): Promise<DeclaredMessaging> => {
    const headers = { authorization: `Bearer ${opsToken}` };
    const response = await fetch(`${own.shop.url(service)}/ops/topology`, { headers });
    return (await response.json()) as DeclaredMessaging;
  };
  /** From service to service, as their code declares it. */
  const edgesOf = async (contracts: string[]): Promise<string[]> => {
    const all = await Promise.all(services.map(declared));
    return all.flatMap(({ service, sends }) =>
      sends
        .filter(({ contract }) => contracts.includes(contract))
        .flatMap(({ exchange, queue }) =>
          all.flatMap(({ service: listener, handlers }) =>
            handlers
              .filter(
                (one) =>
                  one.queue === queue ||
                  one.bindings.some((binding) => binding.exchange === exchange),
              )
              .map((one) =>
                `${service} ─▶ ${exchange ?? ''}:${one.queue} ─▶ ${listener}`.replace(' :', ' '),
              ),
          ),
        ),
    );
  };
  /** The same, as the spans show it: from who published a message to who consumed it. */
  const edgesIn = (spans: SeenSpan[]): string[] => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    return spans.flatMap((span) => {
      const from = byId.get(span.parentId ?? '');
      if (!span.name.startsWith('consume ') || from === undefined) return [];
      return [`${from.service} ─▶ ${span.name.slice('consume '.length)} ─▶ ${span.service}`];
    });
  };

  it(
    'lead from one request through outbox, queues and handlers to the last log line',
    own.telling(async () => {
      const { traceId, traceparent } = newTrace();
      const { id } = await own.front.place(mug, { traceparent });
      await own.front.orderWhen(id, 'completed');
      const expected = await edgesOf(ofSale.map(({ name }) => name));
      expect(expected.length).toBeGreaterThanOrEqual(7);

      const spans = await traceWhen(traceId, (seen) => {
        expect(edgesIn(seen).sort()).toEqual(expected.sort());
        // Each message that a handler took was acked, and each question answered.
        const taken = seen.filter(({ name }) => name.startsWith('consume '));
        expect(seen.filter(({ name }) => /^(ack |reply$)/.test(name))).toHaveLength(taken.length);
      });
      const roots = spans.filter(
        ({ parentId }) => !spans.some(({ spanId }) => spanId === parentId),
      );
      expect(roots.map(({ name }) => name)).toEqual(['POST /v1/orders']);
      expect(spans.filter(({ error }) => error !== undefined)).toEqual([]);
      expect(spans.some(({ attributes }) => attributes['db.query.text'] !== undefined)).toBe(true);

      // Its drawing, which OPERATIONS.md has too.
      const messages = spans.filter(({ name }) => !/^(pg|ack |reply$)/.test(name));
      const document = await readFile('docs/OPERATIONS.md', 'utf8');
      const [drawing] = /(?<=```\n)orders +POST [^`]+(?=\n```)/.exec(document) ?? [];
      expect(treeOf(messages, byName)).toBe(drawing);

      const ids = new Set(spans.map(({ spanId }) => spanId));
      const lines = services.flatMap((service) =>
        own.shop.replicas(service).flatMap((one) => one.lines),
      );
      const ofTrace = lines.filter((line) => line.includes(`trace=${traceId}`));
      expect(
        ofTrace
          .map((line) => / (sale booked|payment captured|order advanced) /.exec(line)?.[1])
          .sort(),
      ).toEqual(['order advanced', 'payment captured', 'sale booked']);
      for (const line of ofTrace) expect(ids).toContain(/ span=([\da-f]{16})$/.exec(line)?.[1]);
    }),
  );

  it(
    'lead to a merchant, whose server can go on with them',
    own.telling(async () => {
      const receiver = await WebhookReceiver.start();
      const { traceId, traceparent } = newTrace();
      try {
        await fetch(`${own.shop.url('orders')}/v1/webhooks`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ url: receiver.url('/hook') }),
        });
        await own.front.place(mug, { traceparent });
        await traceWhen(traceId, (spans) => {
          const [post] = named(spans, 'POST');
          const parent = spans.find(({ spanId }) => spanId === post?.parentId);
          // It ends, and is sent, after the call that it makes.
          expect(parent?.name).toBe('consume orders.deliver-webhook');
        });
      } finally {
        await receiver.stop();
      }
    }),
  );

  it(
    'show a retry, and what became of it',
    own.telling(async () => {
      const { traceId, traceparent } = newTrace();
      const items = [{ sku: 'TEST-TIMEOUT-ONCE', quantity: 1 }];
      const { id } = await own.front.place({ ...mug, items }, { traceparent });
      await own.front.orderWhen(id, 'completed', { withinMs: 30_000 });
      const charge = 'consume payments.charge-payment';
      const spans = await traceWhen(traceId, (seen) => expect(named(seen, charge)).toHaveLength(2));
      const [first, second] = named(spans, charge).sort((a, b) =>
        Number(a.startedAt - b.startedAt),
      );
      expect(first?.error).toBeDefined();
      expect(named(spans, 'retry payments.charge-payment')).toMatchObject([
        { parentId: first?.spanId, attributes: { 'tradepost.retry.tier': '1s' } },
      ]);
      expect(second).toMatchObject({ error: undefined, parentId: first?.parentId });
      expect(second?.links).toMatchObject([{ traceId, spanId: first?.spanId }]);
    }),
  );

  it(
    'show a dead letter, and why it is one',
    own.telling(async () => {
      const { traceId, traceparent } = newTrace();
      const unknown = { orderId: randomUUID(), customerId: '1' };
      await own.broker.publish(ConfirmOrder, unknown, { headers: { traceparent } });
      const name = 'dead-letter orders.confirm-order';
      const spans = await traceWhen(traceId, (seen) => expect(named(seen, name)).toHaveLength(1));
      const [dead] = named(spans, name);
      const tried = spans.find(({ spanId }) => spanId === dead?.parentId);
      expect(tried).toMatchObject({
        name: 'consume orders.confirm-order',
        service: 'orders',
        error: expect.any(String),
      });
      expect(tried?.attributes['error.type']).toBe('order_unknown');
    }),
  );

  it('tell nothing of what goes on without anybody: polls, checks, log lines', () => {
    // A batch and a group of commits are of several traces, and so are in none of them.
    const others = collector.spans.filter(
      ({ parentId, links }) => parentId === undefined && links.length === 0,
    );
    expect(
      others
        .map(({ service, name }) => `${service} ${name}`)
        .filter((name) => !/ (GET|POST) \/v1\//.test(name)),
    ).toEqual([]);
  });
});
