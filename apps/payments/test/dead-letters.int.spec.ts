import { eventually, testService, type TestService } from '@tradepost/test-kit';
import { PaymentsModule } from '../src/payments.module';

const token = 'a-token-for-operators';
const queue = 'payments.charge-payment';

interface HttpBody {
  operation: number;
  items: object[];
}

async function call(service: TestService, path: string, body?: object, given = token) {
  const response = await fetch(`${service.url}/ops/dead-letters${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(given && { authorization: `Bearer ${given}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as HttpBody };
}

describe('/ops/dead-letters', () => {
  let service: TestService;

  beforeAll(async () => {
    const env = { GATEWAY: 'sandbox', OPS_TOKEN: token };
    service = await testService(PaymentsModule, env);
    const properties = { messageId: 'bad', type: 'ChargePayment' };
    await service.broker.sendToQueue(queue, { paymentId: 7 }, properties);
    await eventually(async () => expect(await service.broker.depth(`${queue}.dead`)).toBe(1));
  });
  afterAll(() => service.stop());

  it('wants the token', async () => {
    expect(await call(service, '', undefined, '')).toMatchObject({ status: 401 });
    expect(await call(service, '', undefined, 'another')).toMatchObject({ status: 401 });
    expect(await call(service, '/discard', { code: 'x' }, 'another')).toMatchObject({
      status: 401,
    });
  });

  it('is not there where no token is configured', async () => {
    const closed = await testService(PaymentsModule, { GATEWAY: 'sandbox' });
    try {
      expect(await call(closed, '')).toMatchObject({ status: 404 });
      expect(await call(closed, '/undo', { operation: 1 })).toMatchObject({ status: 404 });
    } finally {
      await closed.stop();
    }
  });

  it('lists and shows', async () => {
    const group = { queue, errorCode: 'invalid_body', count: 1 };
    expect((await call(service, '')).body.items).toEqual([expect.objectContaining(group)]);
    expect((await call(service, '?code=other')).body.items).toEqual([]);
    const letter = { id: 'bad', body: '{"paymentId":7}' };
    for (const path of ['/messages', '/messages?queue=payments.charge-payment&limit=1000']) {
      const { body } = await call(service, path);
      expect(body).toEqual({ items: [expect.objectContaining(letter)], nextCursor: null });
    }
    expect((await call(service, '/messages?code=other')).body.items).toEqual([]);
    expect(await call(service, '/messages?limit=1001')).toMatchObject({ status: 400 });
    expect((await call(service, '/bad')).body.items).toEqual([expect.objectContaining(letter)]);
    expect(await call(service, '/unknown')).toMatchObject({ status: 404 });
  });

  it('refuses an act on everything, and a body that the contract does not allow', async () => {
    expect(await call(service, '/discard', {})).toMatchObject({ status: 400 });
    const wrong = { ids: ['bad'], body: { paymentId: 8 } };
    expect(await call(service, '/replay', wrong)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/body', detail: expect.stringContaining('/paymentId') }] },
    });
    const dry = await call(service, '/check', { queue });
    expect(dry.body).toMatchObject({ wouldSend: 1, invalid: [{ id: 'bad' }] });
  });

  it.each([{ code: null }, { field: {} }, { ids: null, field: null, q: null }])(
    '%j selects nothing: an act on everything is refused',
    async (selection) => {
      for (const act of ['/check', '/discard', '/replay', '/replays']) {
        const refusal = { status: 400, body: { detail: expect.stringContaining('required: ids') } };
        expect(await call(service, act, selection)).toMatchObject(refusal);
      }
    },
  );

  it('takes null for a field that is not given', async () => {
    const none = { code: null, field: null, q: null, from: null, body: null };
    const dry = await call(service, '/check', { queue, ...none });
    expect(dry).toMatchObject({ status: 200, body: { wouldSend: 1, invalid: [{ id: 'bad' }] } });
  });

  it('discards, undoes, and replays an edited body', async () => {
    const { body } = await call(service, '/discard', { ids: ['bad'] });
    expect(body).toMatchObject({ done: 1 });
    expect((await call(service, '')).body.items).toEqual([]);
    expect(await call(service, '/undo', { operation: body.operation })).toMatchObject({
      status: 200,
    });
    const mended = { paymentId: '2f1c0f7e-4b63-4d0a-9d3f-3f2d7c8a9b10' };
    const replay = await call(service, '/replay', { ids: ['bad'], body: mended });
    expect(replay.body).toMatchObject({ done: 1, stayed: [] });
    const { items } = (await call(service, '/operations')).body;
    expect(items).toHaveLength(3);
    expect(items[2]).toMatchObject({
      action: 'replay',
      done: 1,
      by: expect.stringMatching(/^http /),
    });
    expect(await call(service, '/undo', { operation: 9_999 })).toMatchObject({ status: 404 });
  });

  it('refuses a replay that would take more than a minute, and says which rate will do', async () => {
    const without = { messageId: undefined };
    const bodies = Array.from({ length: 61 }, (_, paymentId) => ({ paymentId }));
    await Promise.all(
      bodies.map((body) => service.broker.sendToQueue(`${queue}.dead`, body, without)),
    );
    const before = (await call(service, '/operations')).body.items;
    const { status, body } = await call(service, '/replay', { code: 'unknown', rate: 1 });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        errors: [{ pointer: '/rate', detail: expect.stringContaining('2 a second is enough') }],
      },
    });
    expect((await call(service, '/operations')).body.items).toEqual(before);
    expect((await call(service, '?code=unknown')).body.items).toMatchObject([{ count: 61 }]);
  });
});
