import { Db } from '@tradepost/database';
import { createTestDatabase, inTurn, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { newest } from '../src/order/orders.store';
import { WebhookDeliveriesStore } from '../src/webhooks/webhook-deliveries.store';
import { WebhooksStore } from '../src/webhooks/webhooks.store';
import { withoutIndexes } from './without-indexes';

describe('what the stores of webhooks give', () => {
  let database: TestDatabase;
  let db: Db;
  let webhooks: WebhooksStore;
  let deliveries: WebhookDeliveriesStore;

  beforeAll(async () => {
    database = await createTestDatabase('orders');
    db = new Db({ url: withoutIndexes(database.url) });
    webhooks = new WebhooksStore(db);
    deliveries = new WebhookDeliveriesStore(db);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const endpointOf = (...events: ('order.paid' | 'order.cancelled')[]) => ({
    ...{ id: uuidv7(), url: 'https://8.8.8.8/', events, secret: 'whsec_AAAA' },
    createdAt: new Date(),
  });
  type NewEndpoint = ReturnType<typeof endpointOf>;
  const register = async (endpoint: NewEndpoint, max = 20) =>
    db.transaction(async (tx) => webhooks.insert(tx, endpoint, max));

  it('webhooks come newest first, those before an id, so many', async () => {
    const [oldest, middle, latest] = [
      endpointOf('order.paid'),
      endpointOf('order.paid'),
      endpointOf('order.paid'),
    ];
    for (const endpoint of [middle, latest, oldest]) await register(endpoint);
    const list = async (before: string, limit: number) =>
      (await webhooks.list(before, limit)).map(({ id }) => id);
    expect(await list(newest, 2)).toEqual([latest.id, middle.id]);
    expect(await list(middle.id, 2)).toEqual([oldest.id]);
  });

  it('one webhook too many waits for the one before it, and is refused', async () => {
    const max = (await webhooks.list(newest, 100)).length + 1;
    const [last, over] = [endpointOf('order.paid'), endpointOf('order.paid')];
    const taken = await inTurn(
      db,
      async (tx) => webhooks.insert(tx, last, max),
      async () => register(over, max),
    );
    expect(taken).toBe(false);
    expect(await webhooks.find(last.id)).toBeDefined();
  });

  it('a webhook is disabled once, for its first reason', async () => {
    const endpoint = endpointOf('order.paid');
    await register(endpoint);
    const disable = async (reason: string) =>
      db.transaction(async (tx) => webhooks.disable(tx, endpoint.id, reason));
    await disable('answered 410');
    const first = await webhooks.find(endpoint.id);
    await disable('on second thoughts');
    expect(await webhooks.find(endpoint.id)).toEqual(first);
    expect(first).toMatchObject({ disabledReason: 'answered 410' });
  });

  it('only endpoints of an event are asked for, those disabled never', async () => {
    const [paid, disabled] = [endpointOf('order.paid'), endpointOf('order.cancelled')];
    const cancelled = endpointOf('order.cancelled');
    for (const endpoint of [paid, disabled, cancelled]) await register(endpoint);
    await db.transaction(async (tx) => webhooks.disable(tx, disabled.id, 'answered 410'));
    const found = await db.transaction(async (tx) =>
      webhooks.subscribedTo(tx, ['order.cancelled']),
    );
    expect(found).toEqual([{ id: cancelled.id, events: ['order.cancelled'] }]);
  });

  const deliveryTo = (endpointId: string, id = uuidv7()) => ({
    ...{ id, endpointId, orderId: randomUUID(), type: 'order.paid' as const, body: '{}' },
  });
  async function due(...ids: string[]): Promise<{ endpointId: string; ids: string[] }> {
    const endpoint = endpointOf('order.paid');
    await register(endpoint);
    const all = (ids.length > 0 ? ids : [uuidv7()]).map((id) => deliveryTo(endpoint.id, id));
    await db.transaction(async (tx) => deliveries.insertEach(tx, all));
    return { endpointId: endpoint.id, ids: all.map(({ id }) => id) };
  }
  const begin = async (id: string) => deliveries.begin(id);
  const listed = async (endpointId: string) => deliveries.list(endpointId, undefined, newest, 10);

  it('deliveries come newest first, those before an id, so many', async () => {
    const [oldest, middle, latest] = [uuidv7(), uuidv7(), uuidv7()];
    const { endpointId } = await due(middle, latest, oldest);
    const list = async (before: string, limit: number) => {
      const page = await deliveries.list(endpointId, undefined, before, limit);
      return page.map(({ id }) => id);
    };
    expect(await list(newest, 2)).toEqual([latest, middle]);
    expect(await list(middle, 2)).toEqual([oldest]);
  });

  it.each(['pending', 'parked', 'dropped'] as const)(
    'a webhook that a copy of its message has delivered stays so, though this one is %s',
    async (status) => {
      const { endpointId, ids } = await due();
      const [id = ''] = ids;
      const failed = { status: 500, error: 'answered 500' };
      await inTurn(
        db,
        async (tx) => deliveries.settle(id, 'delivered', { status: 204 }, tx),
        async () => deliveries.settle(id, status, failed),
      );
      expect(await listed(endpointId)).toMatchObject([
        { status: 'delivered', lastStatus: 204, lastError: null, deliveredAt: expect.any(Date) },
      ]);
      expect(await deliveries.begin(id)).toBeUndefined();
      expect(await deliveries.drop(id)).toBe(false);
    },
  );

  it('a webhook that failed before a copy delivered it is delivered', async () => {
    const { endpointId, ids } = await due();
    const [id = ''] = ids;
    await inTurn(
      db,
      async (tx) => deliveries.settle(id, 'parked', { error: 'no answer in 1000 ms' }, tx),
      async () => deliveries.settle(id, 'delivered', { status: 204 }),
    );
    expect(await listed(endpointId)).toMatchObject([{ status: 'delivered', lastError: null }]);
  });

  it('a webhook is tried by itself, while its endpoint is there, and counted', async () => {
    const [one, other] = [await due(), await due()];
    const [id = '', otherId = ''] = [...one.ids, ...other.ids];
    expect(await begin(id)).toMatchObject({ id, endpointId: one.endpointId, body: '{}' });
    expect(await listed(one.endpointId)).toMatchObject([{ status: 'pending', attempts: 1 }]);
    expect(await listed(other.endpointId)).toMatchObject([{ attempts: 0 }]);
    await db.transaction(async (tx) => webhooks.disable(tx, other.endpointId, 'answered 410'));
    expect(await begin(otherId)).toBeUndefined();
    expect(await webhooks.remove(one.endpointId)).toBe(true);
    expect(await begin(id)).toBeUndefined();
    expect(await deliveries.drop(id)).toBe(true);
    expect(await deliveries.drop(id)).toBe(false);
    expect(await listed(one.endpointId)).toMatchObject([{ status: 'dropped' }]);
    expect(await listed(other.endpointId)).toMatchObject([{ status: 'pending' }]);
    expect(await webhooks.find(other.endpointId)).toBeDefined();
  });

  it('a webhook that failed has no time of delivery', async () => {
    const [{ endpointId, ids }, other] = [await due(), await due()];
    await deliveries.settle(ids[0] ?? '', 'parked', { status: 503, error: 'answered 503' });
    expect(await listed(other.endpointId)).toMatchObject([{ status: 'pending' }]);
    expect(await listed(endpointId)).toMatchObject([{ status: 'parked', deliveredAt: null }]);
    expect(await deliveries.list(endpointId, 'parked', newest, 1)).toHaveLength(1);
    expect(await deliveries.list(endpointId, 'delivered', newest, 1)).toEqual([]);
  });
});
