import { eventually, type TestService, testService, TokenIssuer } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { OrdersModule } from '../src/orders.module';

let issuer: TokenIssuer;
let service: TestService;

beforeAll(async () => {
  issuer = await TokenIssuer.open();
  service = await testService(OrdersModule, issuer.settings);
});
afterAll(async () => {
  await service?.stop();
  await issuer?.close();
});

const scope = 'orders:read orders:write';

interface Asked {
  /** Whose token; nobody's: a program's. */
  as?: string;
  method?: 'GET' | 'POST';
  body?: object;
  headers?: Record<string, string>;
  expSeconds?: number;
}

async function ask(path: string, { as, method = 'GET', body, headers, expSeconds }: Asked = {}) {
  const exp = Math.floor(Date.now() / 1_000) + (expSeconds ?? 60);
  const claims = { scope, exp, ...(as !== undefined && { sub: `user-${as}`, customer_id: as }) };
  const bearer = await issuer.bearer(claims);
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...bearer, ...headers },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  return response;
}

async function answerOf(response: Response) {
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body };
}

const order = (customerId: string) => ({
  customerId,
  currency: 'USD',
  items: [{ sku: 'MUG-BLUE', quantity: 1 }],
});

async function place(customer: string, headers?: Record<string, string>): Promise<string> {
  const given = { as: customer, method: 'POST', body: order(customer), headers } as const;
  const { status, body } = await answerOf(await ask('/v1/orders', given));
  expect(status).toBe(201);
  return String(body.id);
}

const unlike = (id: string, text: string) => text.replaceAll(id, '<id>');

describe("OWASP API1, object level: another customer's order", () => {
  it.each([
    ['is shown', 'GET', '', undefined],
    ['has its steps listed', 'GET', '/events', undefined],
    ['is followed', 'GET', '/events', { accept: 'text/event-stream' }],
    ['is cancelled', 'POST', '/cancel', undefined],
  ] as const)('%s as none is: the same 404', async (_, method, path, headers) => {
    const id = await place('1');
    const body = method === 'POST' ? { reason: 'not mine' } : undefined;
    const asked = async (one: string) => {
      const answer = await ask(`/v1/orders/${one}${path}`, { as: '2', method, body, headers });
      const told = [...answer.headers].filter(
        ([name]) => !/^(date|content-length|traceresponse|ratelimit-.*)$/.test(name),
      );
      const text = unlike(one, await answer.text());
      return { status: answer.status, told, text };
    };
    const [another, none] = [await asked(id), await asked(v7())];
    expect(another.status).toBe(404);
    expect(another).toEqual(none);
    const own = await ask(`/v1/orders/${id}${path}`, { as: '1', method, body, headers });
    expect(own.status).toBe(200);
    await own.body?.cancel();
  });

  it('is not placed either: 403', async () => {
    const given = { as: '1', method: 'POST', body: order('2') } as const;
    const { status, body } = await answerOf(await ask('/v1/orders', given));
    expect(status).toBe(403);
    expect(body.type).toMatch(/another-customer$/);
  });

  it('is in no list', async () => {
    const id = await place('31');
    await place('32');
    const idsOf = async (query: string, as?: string) => {
      const { status, body } = await answerOf(await ask(`/v1/orders${query}`, { as }));
      expect(status).toBe(200);
      return (body.items as { id: string; customerId: string }[]).map((one) => one.id);
    };
    expect(await idsOf('', '31')).toEqual([id]);
    expect(await idsOf('?customerId=31', '31')).toEqual([id]);
    expect(await idsOf('?customerId=32', '31')).toEqual([]);
    expect(await idsOf('?limit=100')).toEqual(expect.arrayContaining([id]));
    expect((await idsOf('?limit=100')).length).toBeGreaterThan(1);
  });
});

describe('OWASP API6, flows', () => {
  it('an Idempotency-Key is its caller’s: another caller’s order is not shown by it', async () => {
    const headers = { 'idempotency-key': v7() };
    const [one, two] = await Promise.all([place('41', headers), place('42', headers)]);
    expect(one).not.toBe(two);
    // A renewed token is the same caller.
    expect(await place('41', headers)).toBe(one);
  });

  it('one key ten times at once places one order', async () => {
    const headers = { 'idempotency-key': v7() };
    const given = { as: '43', method: 'POST', body: order('43'), headers } as const;
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => answerOf(await ask('/v1/orders', given))),
    );
    const placed = answers.filter(({ status }) => status === 201);
    expect(placed.length).toBeGreaterThan(0);
    expect(new Set(placed.map(({ body }) => body.id)).size).toBe(1);
    for (const { status } of answers) expect([201, 409]).toContain(status);
    const { body } = await answerOf(await ask('/v1/orders', { as: '43' }));
    expect(body.items).toHaveLength(1);
  });

  it('an order is cancelled once, however many ask at once', async () => {
    const id = await place('44');
    const given = { as: '44', method: 'POST', body: { reason: 'enough' } } as const;
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => ask(`/v1/orders/${id}/cancel`, given)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { body } = await answerOf(await ask(`/v1/orders/${id}`, { as: '44' }));
    const causes = (body.timeline as { cause: string }[]).map(({ cause }) => cause);
    expect(causes.filter((cause) => cause.startsWith('cancel-requested'))).toHaveLength(1);
  });
});

it('a stream ends with the token that opened it', async () => {
  const id = await place('51');
  const headers = { accept: 'text/event-stream' };
  const given = { as: '51', headers, expSeconds: -9 };
  // The clock may differ by ten seconds: what is left of this token is one.
  const stream = await ask(`/v1/orders/${id}/events`, given);
  expect(stream.status).toBe(200);
  expect(await stream.text()).toContain('pending');
  await eventually(async () => {
    const again = await ask(`/v1/orders/${id}/events`, { ...given, expSeconds: -11 });
    expect(again.status).toBe(401);
  });
});
