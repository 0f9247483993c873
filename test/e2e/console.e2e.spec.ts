import { EventReader, eventually, ServiceProcess } from '@tradepost/test-kit';
import { services } from '../../apps/services';
import { environment } from '@tradepost/test-kit';
import { ownShop } from './own-shop';

const token = 'the-ops-token-of-all';

interface System {
  headline: { text: string };
  services: {
    name: string;
    state: string;
    instances: { handlers: { queue: string; paused: boolean }[] }[];
  }[];
  edges: Record<string, { count: number }>;
}

interface Journey {
  order: { status: string };
  sentence: string;
  hops: {
    source: string;
    queue?: string;
    attempt?: number;
    outcome: string;
    traceId: string;
  }[];
  deadLetters: { id: string }[];
  ended: boolean;
}

interface Replay {
  id: string;
  state: string;
  handled: number;
  waiting: number;
}

describe('the console', () => {
  const own = ownShop({ env: { OPS_TOKEN: token } });
  let window: ServiceProcess;
  let cookie: string;

  beforeAll(async () => {
    const { amqpUrl } = own.broker;
    window = await ServiceProcess.start({
      app: 'console',
      env: {
        AMQP_URL: amqpUrl,
        AMQP_MANAGEMENT_URL: environment().managementUrl,
        SERVICES: services.map((name) => `${name}=${own.shop.url(name)}`).join(','),
        OPS_TOKEN: token,
        LOG_FORMAT: 'text',
      },
    });
    await window.ready({ withinMs: 20_000 });
    const signedIn = await fetch(`${window.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  });

  afterAll(async () => {
    expect(await window?.close()).toEqual({ code: 0, signal: null });
  });

  async function ask<T>(path: string, body?: object): Promise<T> {
    const response = await fetch(`${window.url}/api${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { cookie, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const answer = (await response.json()) as T;
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  const place = (payment: string) =>
    ask<{ id: string }>('/orders', {
      customerId: '1',
      currency: 'USD',
      items: [{ sku: 'MUG-BLUE', quantity: 1 }],
      payment,
    });

  /** As `/api/live` tells it, once this is so. */
  async function systemWhen(test: (system: System) => void): Promise<void> {
    const page = await EventReader.open(`${window.url}/api/live`, { cookie });
    try {
      await eventually(
        () => {
          const last = page.events.findLast(({ event }) => event === 'system')?.data as System;
          test(last);
        },
        { withinMs: 20_000 },
      );
    } finally {
      page.leave();
    }
  }

  it(
    'tells of an order that nobody watched what was kept',
    own.telling(async () => {
      const { id } = await place('approve');
      const { hops } = await eventually(
        async () => {
          const now = await ask<Journey>(`/orders/${id}/journey`);
          expect(now.sentence).toMatch(/^Paid .* and booked\. From records: nobody watched\.$/);
          return now;
        },
        { withinMs: 30_000 },
      );
      const booked = hops.find(({ queue }) => queue === 'financial.sale-finalized');
      expect(booked).toMatchObject({
        source: 'recorded',
        since: { what: 'the sale was finalized' },
        body: { orderId: id, customerId: '1', items: [{ sku: 'MUG-BLUE', quantity: 1 }] },
      });
      const traces = new Set(hops.map(({ traceId }) => traceId));
      expect([...traces]).toEqual([expect.stringMatching(/^[\da-f]{32}$/)]);
    }),
    60_000,
  );

  it(
    'shows an order on its way, each step with what became of it',
    own.telling(async () => {
      const page = await EventReader.open(`${window.url}/api/live`, { cookie });
      await eventually(() =>
        expect(page.events.some(({ event }) => event === 'system')).toBe(true),
      );
      const { id } = await place('timeout-once');
      const journey = await eventually(
        async () => {
          const now = await ask<Journey>(`/orders/${id}/journey`);
          expect(now.order.status).toBe('completed');
          const charges = now.hops.filter(({ queue }) => queue === 'payments.charge-payment');
          expect(charges.map((hop) => [hop.attempt, hop.outcome])).toEqual(
            expect.arrayContaining([
              [1, 'retried'],
              [2, 'ok'],
            ]),
          );
          return now;
        },
        { withinMs: 30_000 },
      );
      // What happened before the console heard every service is told from records.
      expect(journey.sentence).toMatch(
        /^Paid after .* and booked; payments tried twice because the gateway timed out\./,
      );
      expect(journey.hops.some(({ source }) => source === 'seen')).toBe(true);
      expect(page.events.some(({ event }) => event === 'steps')).toBe(true);
      page.leave();
    }),
    60_000,
  );

  it(
    'pauses a handler in every process, and resumes it',
    own.telling(async () => {
      const handler = { service: 'payments', queue: 'payments.charge-payment' };
      const paused = (system: System) =>
        system.services
          .flatMap(({ instances }) => instances.flatMap(({ handlers }) => handlers))
          .filter(({ queue }) => queue === handler.queue)
          .map((one) => one.paused);
      expect(await ask('/handlers/pause', handler)).toMatchObject({ instances: [{ ok: true }] });
      await systemWhen((system) => expect(paused(system)).toEqual([true]));
      expect(await ask('/handlers/resume', handler)).toMatchObject({ instances: [{ ok: true }] });
      await systemWhen((system) => expect(paused(system)).toEqual([false]));
    }),
    60_000,
  );

  it(
    'sends a mended dead letter back, and says when it is handled',
    own.telling(async () => {
      const { id: orderId } = await place('approve');
      await own.front.orderWhen(orderId, 'completed');
      const [payment] = await own.front.payments(orderId);
      const queue = 'payments.charge-payment';
      const options = { messageId: 'mended-by-hand', type: 'ChargePayment' };
      await own.broker.sendToQueue(queue, { orderId, wrong: true }, options);
      const search = `queue=${queue}&field.orderId=${orderId}`;
      const listed = await eventually(
        async () => {
          const { items } = await ask<{ items: { id: string; errorCode: string }[] }>(
            `/dead-letters/messages?${search}`,
          );
          expect(items).toMatchObject([{ id: 'mended-by-hand', errorCode: 'invalid_body' }]);
          return items;
        },
        { withinMs: 15_000 },
      );
      const { groups, missing } = await ask<{
        groups: { count: number }[];
        missing: string[];
      }>('/dead-letters?id=mended-by-hand');
      expect([groups.map(({ count }) => count), missing]).toEqual([[1], []]);
      expect((await ask<Journey>(`/orders/${orderId}/journey`)).deadLetters).toHaveLength(1);

      const selection = { queue, ids: listed.map(({ id }) => id) };
      const bad = await ask<{ invalid: object[] }>('/dead-letters/check', { selection, body: {} });
      expect(bad.invalid).toHaveLength(1);
      const body = { paymentId: payment?.id };
      const replay = await ask<Replay>('/dead-letters/replay', { selection, body });
      await eventually(
        async () =>
          expect(await ask<Replay>(`/dead-letters/replays/${replay.id}`)).toMatchObject({
            state: 'done',
            handled: 1,
            waiting: 0,
          }),
        { withinMs: 20_000 },
      );
      const { items } = await ask<{ items: { action: string; by: string }[] }>('/operations');
      expect(items).toContainEqual(
        expect.objectContaining({ action: 'replay', by: expect.stringContaining('console') }),
      );
    }),
    60_000,
  );

  it(
    'has nothing to make on a broker that has what services declare',
    own.telling(async () => {
      const { differences, unchecked } = await ask<{ differences: object[]; unchecked: string[] }>(
        '/topology',
      );
      expect({ differences, unchecked }).toEqual({ differences: [], unchecked: [] });
      const { nodes } = await ask<{ nodes: { id: string; declared: boolean }[] }>('/flow');
      expect(nodes).toContainEqual(expect.objectContaining({ id: 'queue:orders.confirm-order' }));
      expect(nodes.filter(({ declared }) => !declared)).toEqual([]);
    }),
    60_000,
  );

  it(
    'says of a service that is down that it is, and shows what it knew of it',
    own.telling(async () => {
      await own.shop.stopService('users');
      await systemWhen(({ headline, services: all }) => {
        expect(headline.text).toMatch(/^users is down · /);
        expect(all.find(({ name }) => name === 'users')?.state).toBe('down');
      });
      const { nodes } = await ask<{ nodes: { id: string }[] }>('/flow');
      expect(nodes).toContainEqual(expect.objectContaining({ id: 'queue:users.get-user' }));
      await own.shop.restart('users');
      await systemWhen(({ headline }) => expect(headline.text).not.toContain('down'));
    }),
    60_000,
  );
});
