import { EventReader, eventually, testService, type TestService } from '@tradepost/test-kit';
import { OrderStreams } from '../src/event-stream/order-streams';
import { TimelineWatch } from '../src/event-stream/timeline-watch';
import { OrdersModule } from '../src/orders.module';
import type { Step } from '../src/order/timeline.store';
import { OrdersApi } from './orders-api';

const unknown = '01890000-0000-7000-8000-000000000000';

describe('the steps of an order', () => {
  let service: TestService;
  let api: OrdersApi;
  const readers: EventReader[] = [];

  beforeAll(async () => {
    service = await testService(OrdersModule, {
      // A poll so slow that only a commit of this process explains a step that comes at once.
      EVENT_POLL_MS: '2000',
      EVENT_HEARTBEAT_MS: '500',
      EVENT_STREAMS_MAX: '4',
    });
    api = new OrdersApi(service.url);
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.leave();
    await eventually(() => expect(service.app.get(OrderStreams).count).toBe(0));
    expect(service.app.get(TimelineWatch).count).toBe(0);
  });
  afterAll(async () => service.stop());

  const pathOf = (id: string) => `/v1/orders/${id}/events`;
  const stepsOf = async (id: string) => (await api.get<{ items: Step[] }>(pathOf(id))).body.items;
  const listen = async (
    id: string,
    options: { after?: string | number; reading?: boolean } = {},
  ) => {
    const reader = await EventReader.open(service.url + pathOf(id), options);
    readers.push(reader);
    return reader;
  };

  /** As another replica would: this one hears nothing of the commit. */
  const step = async (id: string, state: string, count = 1) =>
    service.db.query(
      {
        name: 'test-step',
        text: `INSERT INTO order_timeline (order_id, step, state, at, cause)
               SELECT $1::uuid, last.step + n, $2::text, now(), 'test: ' || repeat('x', 480)
                 FROM generate_series(1, $3::int) AS n,
                      (SELECT max(step) AS step FROM order_timeline WHERE order_id = $1) AS last`,
      },
      [id, state, count],
    );

  it('are JSON, each with its number', async () => {
    const { id, timeline } = await api.place();
    expect(await stepsOf(id)).toEqual(
      timeline.map((entry, index) => ({ id: index + 1, ...entry })),
    );
    const { timeline: cancelled } = (await api.cancel(id)).body;
    const answered = await api.get<{ items: Step[] }>(pathOf(id));
    expect(answered.body.items.slice(-1)).toEqual([{ id: cancelled.length, ...cancelled.at(-1) }]);
    expect(answered.headers.get('vary')).toBe('accept');
  });

  it('are streamed: those so far, and at once those that this replica makes', async () => {
    const { id } = await api.place();
    const reader = await listen(id);
    expect(reader.status).toBe(200);
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      vary: 'accept',
    });
    await eventually(() => expect(reader.events.length).toBeGreaterThan(0));
    await api.cancel(id);
    await eventually(() => expect(reader.events.at(-1)?.event).toBe('cancelled'), {
      withinMs: 1_000,
    });
    const steps = await stepsOf(id);
    expect(reader.events).toEqual(
      steps.map((data) => ({ id: `${data.id}`, event: data.state, data })),
    );
  });

  it('are streamed though another replica makes them, to every reader', async () => {
    const { id } = await api.place();
    const { length } = await stepsOf(id);
    const both = [await listen(id), await listen(id.toUpperCase())];
    await step(id, 'awaiting_payment');
    await step(id, 'paid');
    for (const reader of both) {
      await eventually(() => expect(reader.ids).toHaveLength(length + 2));
      expect(reader.ids).toEqual(Array.from({ length: length + 2 }, (_, index) => index + 1));
    }
  });

  it('go on after Last-Event-ID', async () => {
    const { id } = await api.place();
    await step(id, 'awaiting_payment', 3);
    const { length } = await stepsOf(id);
    const reader = await listen(id, { after: length - 1 });
    await step(id, 'paid');
    await eventually(() => expect(reader.ids).toEqual([length, length + 1]));
  });

  it.each(['rejected', 'payment_failed'])(
    'end with %s, and are not requested again',
    async (state) => {
      const { id } = await api.place();
      const reader = await listen(id);
      await step(id, state);
      expect(await reader.ended).toBe('whole');
      expect(reader.events.at(-1)?.event).toBe(state);

      const last = Number(reader.ids.at(-1));
      expect((await listen(id, { after: last })).status).toBe(204);
      const rest = await listen(id, { after: last - 1 });
      expect([rest.status, await rest.ended]).toEqual([200, 'whole']);
      expect(rest.ids).toEqual([last]);
    },
  );

  it('have heartbeats between them', async () => {
    const { id } = await api.place();
    const reader = await listen(id);
    await eventually(() => expect(reader.comments).toBeGreaterThan(1));
  });

  it.each(['', '0', '-1', '1.5', 'one', '99999', '70000', '1, 2', '9'])(
    'refuses a Last-Event-ID that is %j',
    async (lastEventId) => {
      const { id } = await api.place();
      const headers = { accept: 'text/event-stream', 'last-event-id': lastEventId };
      const { status, body } = await api.problem(pathOf(id), { headers });
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ pointer: '/Last-Event-ID' }]);
    },
  );

  it.each([unknown, 'nonsense'])('are a 404 for the unknown order %s', async (id) => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const headers = { accept, 'last-event-id': '3' };
      expect((await api.problem(pathOf(id), { headers })).status).toBe(404);
    }
  });

  it('are streamed to EVENT_STREAMS_MAX readers, and to others when one has left', async () => {
    const { id } = await api.place();
    const all = await Promise.all([1, 2, 3, 4].map(async () => listen(id)));
    const headers = { accept: 'text/event-stream' };
    const { status, headers: answered, body } = await api.problem(pathOf(id), { headers });
    expect([status, answered.get('retry-after')]).toEqual([503, '5']);
    expect(body.type).toBe('https://tradepost.dev/problems/too-many-streams');
    all[0]?.leave();
    await eventually(() => expect(service.app.get(OrderStreams).count).toBe(3));
    expect((await listen(id)).status).toBe(200);
  });

  it('are not kept for a reader that stalls', async () => {
    const { id } = await api.place();
    const deaf = await listen(id, { reading: false });
    const reader = await listen(id);
    // More than the sockets between take.
    await step(id, 'awaiting_payment', 20_000);
    await eventually(() => expect(service.app.get(OrderStreams).count).toBe(1), {
      withinMs: 60_000,
    });
    const { length } = reader.ids;
    await eventually(() => expect(reader.ids.length).toBeGreaterThan(length));
    expect(reader.ids).toEqual(reader.ids.map((_, index) => index + 1));
    deaf.read();
    expect(await deaf.ended).toBe('cut off');
  }, 90_000);
});

describe('the streams of a service', () => {
  const withStream = async (env: Record<string, string>) => {
    const service = await testService(OrdersModule, env);
    const { id } = await new OrdersApi(service.url).place();
    return { service, id, reader: await EventReader.open(`${service.url}/v1/orders/${id}/events`) };
  };

  it('end after their time', async () => {
    const { service, reader } = await withStream({ EVENT_STREAM_MAX_MS: '1000' });
    expect(await reader.ended).toBe('whole');
    await service.stop();
  });

  it('are polled though this replica has committed nothing', async () => {
    const { service, id, reader } = await withStream({ EVENT_POLL_MS: '50' });
    const text = `INSERT INTO order_timeline VALUES ($1, 2, 'rejected', now(), 'test')`;
    await service.db.query({ name: 'test-first-step', text }, [id]);
    await eventually(() => expect(reader.ids).toEqual([1, 2]));
    await service.stop();
  });

  it('end properly when it stops, and are cut off where nobody reads; no more begin', async () => {
    const { service, reader } = await withStream({ SHUTDOWN_TIMEOUT_MS: '1000' });
    const streams = service.app.get(OrderStreams);
    const at = new Date().toISOString();
    const steps = Array.from({ length: 100 }, (_, n) => ({
      ...({ id: n + 1, state: 'paid', at, cause: 'x'.repeat(500) } as const),
    }));
    const unread = streams.open(unknown, 0, steps);
    await service.stop();
    expect(await reader.ended).toBe('whole');
    expect(() => streams.open(unknown, 0, [])).toThrow('ask again later');
    await eventually(() => expect(unread.destroyed).toBe(true));
  });
});
