import type { ProblemDetails } from '@tradepost/service';
import { webhookIdOf } from '@tradepost/service';
import { testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { OrdersModule } from '../src/orders.module';
import type { Delivery } from '../src/webhooks/webhook';
import { WebhookDeliveriesStore } from '../src/webhooks/webhook-deliveries.store';
import { OrdersApi } from './orders-api';
import { WebhooksApi } from './webhooks-api';

const url = 'https://8.8.8.8/hooks?shop=1';
const all = ['order.paid', 'order.completed', 'order.payment_failed', 'order.cancelled'];

describe('registering a webhook', () => {
  let service: TestService;
  let webhooks: WebhooksApi;

  beforeAll(async () => {
    service = await testService(OrdersModule);
    webhooks = new WebhooksApi(new OrdersApi(service.url), service.url);
  });
  afterEach(async () => webhooks.removeAll());
  afterAll(async () => service.stop());

  it('shows its secret once: 32 bytes of its own', async () => {
    const { status, headers, body } = await webhooks.post({ url });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/webhooks/${body.id}`);
    const { secret, ...endpoint } = body;
    expect(endpoint).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      url,
      events: all,
      createdAt: expect.stringMatching(/Z$/),
      disabledAt: null,
      disabledReason: null,
    });
    expect(secret).toMatch(/^whsec_/);
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32);
    expect((await webhooks.get(`/${body.id}`)).body).toEqual(endpoint);
    expect((await webhooks.list()).items).toEqual([endpoint]);
    expect((await webhooks.register(url)).secret).not.toBe(secret);
  });

  it('is registered once for one Idempotency-Key, and shown with its secret again', async () => {
    const endpoint = { url: 'https://1.1.1.1/once' };
    const first = await webhooks.post(endpoint, { 'idempotency-key': 'once' });
    const again = await webhooks.post(endpoint, { 'idempotency-key': 'once' });
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(`/v1/webhooks/${first.body.id}`);
    expect((await webhooks.list()).items).toHaveLength(1);
  });

  it('takes the events to subscribe to', async () => {
    const events = ['order.cancelled', 'order.paid'];
    expect((await webhooks.register(url, events)).events).toEqual(events);
    expect((await webhooks.post({ url, events: null })).body.events).toEqual(all);
  });

  it('is called without the fragment of its URL', async () => {
    expect((await webhooks.register(`${url}#top`)).url).toBe(url);
  });

  it('takes a URL of 2,048 characters, once it is encoded', async () => {
    const long = `${url}&q=${'ü'.repeat(20)}`;
    const rest = 2_048 - new URL(long).href.length;
    expect((await webhooks.register(long.padEnd(long.length + rest, 'x'))).url).toHaveLength(2_048);
    const { status } = await webhooks.post({ url: long.padEnd(long.length + rest + 1, 'x') });
    expect(status).toBe(400);
  });

  it('lists the newest first, page by page', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) ids.unshift((await webhooks.register(url)).id);
    const first = await webhooks.list('?limit=2');
    const second = await webhooks.list(`?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.nextCursor).toBeNull();
  });

  it('lists its deliveries, the newest first, page by page', async () => {
    const { id: endpointId } = await webhooks.register(url);
    const due = [uuidv7(), uuidv7(), uuidv7()].map((id) => ({
      ...{ id, endpointId, orderId: randomUUID(), type: 'order.paid' as const, body: '{}' },
    }));
    const store = service.app.get(WebhookDeliveriesStore);
    await service.db.transaction((tx) => store.insertEach(tx, due));
    type Page = { items: Delivery[]; nextCursor: string | null };
    const page = async (query: string) =>
      (await webhooks.get<Page>(`/${endpointId}/deliveries${query}`)).body;
    const first = await page('?limit=2');
    const second = await page(`?limit=2&cursor=${first.nextCursor}`);
    const ids = [...first.items, ...second.items].map(({ id }) => id);
    expect(ids).toEqual(due.map(({ id }) => webhookIdOf(id)).reverse());
    expect(second.nextCursor).toBeNull();
  });

  it('is undone by deleting it', async () => {
    const { id } = await webhooks.register(url);
    expect(await webhooks.remove(id)).toBe(204);
    expect(await webhooks.remove(id)).toBe(404);
    expect((await webhooks.get(`/${id}`)).status).toBe(404);
    expect((await webhooks.get(`/${id}/deliveries`)).status).toBe(404);
  });

  it.each([randomUUID(), 'abc', '%00'])('the unknown %s is a 404', async (id) => {
    const { status, body } = await webhooks.get<ProblemDetails>(`/${id}`);
    expect([status, body.type]).toEqual([404, 'https://tradepost.dev/problems/webhook-not-found']);
  });

  it('takes 20, however many come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => webhooks.post<ProblemDetails>({ url })),
    );
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(({ status, body }) => [status, body.type])).toEqual(
      Array.from({ length: 10 }, () => [409, 'https://tradepost.dev/problems/too-many-webhooks']),
    );
    expect((await webhooks.list('?limit=100')).items).toHaveLength(20);
  });

  it.each([
    ['no URL', {}, '/url'],
    ['a number', { url: 1 }, '/url'],
    ['a path', { url: '/hooks' }, '/url'],
    ['another scheme', { url: 'ftp://8.8.8.8/' }, '/url'],
    ['a file', { url: 'file:///etc/passwd' }, '/url'],
    ['a user', { url: 'https://me@8.8.8.8/' }, '/url'],
    ['a password', { url: 'https://:secret@8.8.8.8/' }, '/url'],
    ['no host', { url: 'https://' }, '/url'],
    ['2001 characters', { url: url.padEnd(2_001, 'x') }, '/url'],
    ['more, once it is encoded', { url: url.padEnd(1_900, 'ü') }, '/url'],
    ['no events', { url, events: [] }, '/events'],
    ['an event twice', { url, events: ['order.paid', 'order.paid'] }, '/events'],
    ['an unknown event', { url, events: ['order.lost'] }, '/events'],
    ['an event by itself', { url, events: 'order.paid' }, '/events'],
    ['a secret of its own', { url, secret: 'whsec_AAAA' }, '/secret'],
  ])('refuses %s', async (_, request, pointer) => {
    const { status, body } = await webhooks.post<ProblemDetails>(request);
    expect(status).toBe(400);
    expect(body.errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  it.each([
    'http://127.0.0.1:3000/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://10.0.0.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://0.0.0.0/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://nowhere.invalid/',
  ])('refuses what is not on the public internet: %s', async (address) => {
    const { status, body } = await webhooks.post<ProblemDetails>({ url: address });
    expect([status, body.type]).toEqual([
      422,
      'https://tradepost.dev/problems/webhook-url-refused',
    ]);
    expect((await webhooks.list()).items).toEqual([]);
  });

  it.each([
    ['http://10.0.0.1/', '10.0.0.1 is not a public address'],
    ['http://nowhere.invalid/', 'nowhere.invalid cannot be found'],
  ])('says why it refuses %s', async (address, detail) => {
    const { body } = await webhooks.post<ProblemDetails>({ url: address });
    expect(body).toMatchObject({ detail, errors: [{ pointer: '/url', detail }] });
  });
});
