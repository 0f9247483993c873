import { DeliverWebhook } from '@tradepost/contracts';
import { Message } from '@tradepost/messaging';
import { eventually, type ReceivedPost } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { DeliverWebhook as DeliverWebhookUseCase } from '../src/webhooks/deliver-webhook';
import { AdvanceOrder } from '../src/order/advance-order';
import type { Delivery } from '../src/webhooks/webhook';
import { WebhookDeliveriesStore } from '../src/webhooks/webhook-deliveries.store';
import { operatorToken, verified, WebhookStage } from './webhook-stage';

const queue = 'orders.deliver-webhook';

describe('a webhook', () => {
  let stage: WebhookStage;

  beforeAll(async () => {
    stage = await WebhookStage.open({ WEBHOOK_TIMEOUT_MS: '1000' });
  });
  afterEach(async () => stage.webhooks.removeAll());
  afterAll(async () => stage?.close());

  /** The newest delivery of an endpoint, once it fits. */
  async function delivery(id: string, fits: Partial<Delivery>): Promise<Delivery> {
    return eventually(async () => {
      const [newest] = await stage.webhooks.deliveries(id);
      expect(newest).toMatchObject(fits);
      return newest as Delivery;
    });
  }

  it('of a paid order is signed and shows what GET shows', async () => {
    const { id, secret } = await stage.webhooks.register(stage.receiver.url('/paid'));
    const order = await stage.paid();
    const [post] = await stage.posts('/paid', 1);
    if (!post) throw new Error('no post');
    expect(verified(post, secret)).toEqual({
      type: 'order.paid',
      timestamp: order.timeline.at(-1)?.at,
      data: order,
    });
    expect(post.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': expect.stringMatching(/^msg_[\da-f]{32}$/),
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
    expect(() => verified({ ...post, body: `${post.body} ` }, secret)).toThrow(
      'No matching signature',
    );
    const done = await delivery(id, { status: 'delivered' });
    expect(done).toEqual({
      id: post.headers['webhook-id'],
      orderId: order.id,
      type: 'order.paid',
      status: 'delivered',
      attempts: 1,
      lastStatus: 204,
      lastError: null,
      createdAt: expect.any(String),
      lastAttemptAt: expect.any(String),
      deliveredAt: expect.any(String),
    });
  });

  it('is sent once for each of two states that an order goes through at once', async () => {
    const { secret } = await stage.webhooks.register(stage.receiver.url('/two'));
    const one = await stage.webhooks.register(stage.receiver.url('/last'), ['order.completed']);
    const order = await stage.awaitingPayment();
    await stage.book(order);
    await stage.capture(order);
    const posts = await stage.posts('/two', 2);
    const told = posts.map((post) => verified(post, secret));
    expect(told.map(({ type, data }) => [type, data.status]).sort()).toEqual([
      ['order.completed', 'completed'],
      ['order.paid', 'paid'],
    ]);
    expect(new Set(posts.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    const wanted = [{ type: 'order.completed' }];
    expect(await stage.webhooks.deliveries(one.id)).toMatchObject(wanted);
  });

  it('is sent for failures and cancellations, after the refund', async () => {
    const { secret } = await stage.webhooks.register(stage.receiver.url('/sad'), [
      'order.payment_failed',
      'order.cancelled',
    ]);
    await stage.decline(await stage.awaitingPayment());
    const paid = await stage.paid();
    await stage.api.cancel(paid.id);
    await stage.refund(paid);
    await stage.api.cancel((await stage.awaitingPayment()).id);
    const told = (await stage.posts('/sad', 3)).map((post) => verified(post, secret));
    expect(told.map(({ type }) => type).sort()).toEqual([
      'order.cancelled',
      'order.cancelled',
      'order.payment_failed',
    ]);
  });

  it('goes to the endpoints that subscribe, with a secret and an id of its own', async () => {
    const one = await stage.webhooks.register(stage.receiver.url('/one'));
    const two = await stage.webhooks.register(stage.receiver.url('/other'), ['order.completed']);
    await stage.book(await stage.paid());
    const [told] = (await stage.posts('/other', 1)).map((post) => verified(post, two.secret));
    expect(told?.type).toBe('order.completed');
    const posts = await stage.posts('/one', 2);
    posts.forEach((post) => verified(post, one.secret));
  });

  it('gets another secret by another registration: each event comes by one of them at least', async () => {
    const path = stage.receiver.url('/renewed');
    const old = await stage.webhooks.register(path, ['order.paid']);
    await stage.paid();
    const fresh = await stage.webhooks.register(path, ['order.paid']);
    await stage.paid();
    expect(await stage.webhooks.remove(old.id)).toBe(204);
    await stage.paid();
    const isBy = (secret: string) => (post: ReceivedPost) => {
      try {
        return Boolean(verified(post, secret));
      } catch {
        return false;
      }
    };
    const posts = await stage.posts('/renewed', 4);
    const told = [old, fresh].map(({ secret }) => posts.filter(isBy(secret)));
    expect(told.map(({ length }) => length)).toEqual([2, 2]);
  });

  it('is tried again until it is answered 2xx: the same id, the same bytes, signed anew', async () => {
    stage.receiver.answers.set('/later', { status: 500, body: 'x'.repeat(1_000_000) });
    const { id, secret } = await stage.webhooks.register(stage.receiver.url('/later'));
    await stage.paid();
    await delivery(id, {
      status: 'pending',
      attempts: 1,
      lastStatus: 500,
      lastError: 'answered 500',
    });
    stage.receiver.answers.delete('/later');
    const [first, second] = await stage.posts('/later', 2);
    if (!first || !second) throw new Error('no two posts');
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.body).toBe(first.body);
    expect(Number(second.headers['webhook-timestamp'])).toBeGreaterThan(
      Number(first.headers['webhook-timestamp']),
    );
    verified(second, secret);
    await delivery(id, { status: 'delivered', attempts: 2, lastStatus: 204, lastError: null });
  });

  it.each([
    [
      'a redirect, which is not followed',
      { status: 302, headers: { location: '/elsewhere' } },
      302,
      'answered 302',
    ],
    ['no answer', 'silence', null, 'no answer in 1000 ms'],
  ] as const)('is tried again after %s', async (name, answer, lastStatus, lastError) => {
    const path = `/${name.length}`;
    stage.receiver.answers.set(path, answer);
    const { id } = await stage.webhooks.register(stage.receiver.url(path));
    await stage.paid();
    await delivery(id, { status: 'pending', lastStatus, lastError });
    stage.receiver.answers.delete(path);
    await delivery(id, { status: 'delivered', lastStatus: 204, lastError: null });
    expect(stage.receiver.at('/elsewhere')).toEqual([]);
  });

  it('without an answer says so', async () => {
    const { id } = await stage.webhooks.register('http://127.0.0.1:1/');
    await stage.paid();
    await delivery(id, {
      lastStatus: null,
      lastError: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('is parked after its last try, and delivered once its dead letter is replayed', async () => {
    stage.receiver.answers.set('/parked', { status: 503 });
    const { id } = await stage.webhooks.register(stage.receiver.url('/parked'));
    const deliveryId = await dueTo(id);
    await stage.service.broker.publish(
      DeliverWebhook,
      { deliveryId },
      { headers: { 'x-attempt': 6 } },
    );
    await delivery(id, { status: 'parked', attempts: 1, lastStatus: 503 });
    await eventually(async () => expect(await deadLetters()).toMatchObject([{ queue, count: 1 }]));
    expect(await stage.webhooks.deliveries(id, '?status=parked')).toHaveLength(1);
    expect(await stage.webhooks.deliveries(id, '?status=delivered')).toEqual([]);

    stage.receiver.answers.delete('/parked');
    await operate('/replay', { code: 'webhook_failed' });
    await delivery(id, { status: 'delivered', attempts: 2, lastStatus: 204 });
    expect(await deadLetters()).toEqual([]);
  });

  it('is parked after the last try that the policy of its message allows', async () => {
    stage.receiver.answers.set('/policy', { status: 503 });
    const { id } = await stage.webhooks.register(stage.receiver.url('/policy'));
    const deliveryId = await dueTo(id);
    const nothing = undefined;
    const twice = (attempt: number) =>
      new Message(
        uuidv7(),
        'DeliverWebhook',
        queue,
        attempt,
        2,
        nothing,
        nothing,
        nothing,
        nothing,
        false,
      );
    const deliver = stage.service.app.get(DeliverWebhookUseCase);
    await expect(deliver.run(deliveryId, twice(1))).rejects.toThrow('answered 503');
    await delivery(id, { status: 'pending', attempts: 1 });
    await expect(deliver.run(deliveryId, twice(2))).rejects.toThrow('answered 503');
    await delivery(id, { status: 'parked', attempts: 2 });
  });

  it('that was delivered is not sent again, however often its message comes', async () => {
    const { id } = await stage.webhooks.register(stage.receiver.url('/once'));
    const deliveryId = await dueTo(id);
    await stage.service.broker.publish(DeliverWebhook, { deliveryId });
    await delivery(id, { status: 'delivered' });
    await stage.service.broker.publish(DeliverWebhook, { deliveryId });
    await stage.service.broker.publish(
      DeliverWebhook,
      { deliveryId },
      { headers: { 'x-attempt': 6 } },
    );
    const after = await dueTo(id);
    await stage.service.broker.publish(DeliverWebhook, { deliveryId: after });
    await stage.posts('/once', 2);
    expect(await stage.webhooks.deliveries(id)).toMatchObject([
      { status: 'delivered', attempts: 1 },
      { status: 'delivered', attempts: 1 },
    ]);
  });

  it('to an endpoint that answers 410 is dropped, and so is the endpoint', async () => {
    stage.receiver.answers.set('/gone', { status: 410 });
    const { id } = await stage.webhooks.register(stage.receiver.url('/gone'));
    const onItsWay = await dueTo(id);
    await stage.paid();
    await eventually(async () =>
      expect((await stage.webhooks.get(`/${id}`)).body).toMatchObject({
        disabledAt: expect.stringMatching(/Z$/),
        disabledReason: 'answered 410',
      }),
    );
    await stage.service.broker.publish(DeliverWebhook, { deliveryId: onItsWay });
    await eventually(async () =>
      expect(await stage.webhooks.deliveries(id)).toMatchObject([
        { status: 'dropped', attempts: 1, lastStatus: 410, lastError: 'answered 410' },
        { status: 'dropped', attempts: 0 },
      ]),
    );
    await stage.book(await stage.paid());
    expect(await stage.webhooks.deliveries(id)).toHaveLength(2);
    expect(stage.receiver.at('/gone')).toHaveLength(1);
  });

  it('whose endpoint is deleted while it is on its way is dropped', async () => {
    stage.receiver.answers.set('/deleted', { status: 500 });
    const { id } = await stage.webhooks.register(stage.receiver.url('/deleted'));
    await stage.paid();
    await delivery(id, { attempts: 1, lastStatus: 500 });
    await stage.webhooks.remove(id);
    const sql = {
      name: 'test-status',
      text: 'SELECT status FROM webhook_deliveries WHERE endpoint_id = $1',
    };
    await eventually(async () =>
      expect(await stage.service.db.query(sql, [id])).toEqual([{ status: 'dropped' }]),
    );
    expect(stage.receiver.at('/deleted')).toHaveLength(1);
  });

  it('is not sent for a state that was rolled back', async () => {
    const { id } = await stage.webhooks.register(stage.receiver.url('/rolled-back'));
    const order = await stage.awaitingPayment();
    const payment = { amount: order.total, currency: order.currency };
    const event = { name: 'payment-captured', cause: 'test', payment } as const;
    const undone = stage.service.db.transaction(async (tx) => {
      await stage.service.app.get(AdvanceOrder).runIn(tx, [{ orderId: order.id, event }]);
      throw new Error('on second thoughts');
    });
    await expect(undone).rejects.toThrow('on second thoughts');
    expect(await stage.webhooks.deliveries(id)).toEqual([]);
    await stage.capture(order);
    await stage.reaches(order.id, 'paid');
    expect(await stage.webhooks.deliveries(id)).toHaveLength(1);
    await stage.posts('/rolled-back', 1);
  });

  it('leaves nothing among the dead letters', async () => {
    expect(await stage.service.broker.allDeadLetters()).toEqual({});
  });

  /** A delivery whose message has yet to be sent. */
  async function dueTo(endpointId: string): Promise<string> {
    const id = uuidv7();
    const store = stage.service.app.get(WebhookDeliveriesStore);
    const orderId = randomUUID();
    const due = { id, endpointId, orderId, type: 'order.paid' as const, body: '{}' };
    await stage.service.db.transaction((tx) => store.insertEach(tx, [due]));
    return id;
  }

  async function operate(path: string, body?: object): Promise<unknown> {
    const { body: answer } = await stage.api.problem(`/ops/dead-letters${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${operatorToken}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    return answer;
  }

  async function deadLetters(): Promise<unknown> {
    return ((await operate('')) as { items: unknown }).items;
  }
});
