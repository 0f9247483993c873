import type { ProblemDetails } from '@tradepost/service';
import { testService, type TestService } from '@tradepost/test-kit';
import { OrdersModule } from '../src/orders.module';
import { type ApiResponse, mug, OrdersApi } from './orders-api';

const item = { sku: 'MUG-BLUE', quantity: 1 };
const withItems = (...some: object[]) => ({ ...mug, items: some });
const withQuantity = (quantity: unknown) => withItems({ ...item, quantity });
const items = (count: number, one: unknown = item) => Array.from({ length: count }, () => one);

/** What is wrong, in which body, and where. */
const invalid: [wrong: string, body: unknown, pointer: string][] = [
  ['an unknown field', { ...mug, total: 1 }, '/total'],
  ['a price from the client', { ...mug, items: [{ ...item, unitPrice: 1 }] }, '/items/0/unitPrice'],
  ...['id', 'status', 'customerName', 'createdAt', 'timeline', 'constructor'].map(
    (field): [string, unknown, string] => [
      `the server's own ${field}`,
      { ...mug, [field]: 'paid' },
      `/${field}`,
    ],
  ),
  ['no customer', { ...mug, customerId: undefined }, '/customerId'],
  ['a customer that is a number', { ...mug, customerId: 1 }, '/customerId'],
  ['a customer with a NUL', { ...mug, customerId: 'a\0b' }, '/customerId'],
  ['a customer of 65 characters', { ...mug, customerId: 'x'.repeat(65) }, '/customerId'],
  ['a currency the shop does not trade in', { ...mug, currency: 'XXX' }, '/currency'],
  ['a currency that is a list', { ...mug, currency: ['USD'] }, '/currency'],
  ['no items', { ...mug, items: [] }, '/items'],
  ['items that are an object', { ...mug, items: { 0: item } }, '/items'],
  ['an item that is null', { ...mug, items: [null] }, '/items'],
  ['an item that is a list', { ...mug, items: [[item]] }, '/items'],
  ['an item that is a text', { ...mug, items: ['MUG-BLUE'] }, '/items'],
  ['101 items', { ...mug, items: items(101) }, '/items'],
  ['1,000 items', { ...mug, items: items(1_000) }, '/items'],
  ['60,000 items that are none', { ...mug, items: items(60_000, 1) }, '/items'],
  ['quantity 0', withQuantity(0), '/items/0/quantity'],
  ['quantity -1', withQuantity(-1), '/items/0/quantity'],
  ['quantity 1.5', withQuantity(1.5), '/items/0/quantity'],
  ['quantity 1001', withQuantity(1_001), '/items/0/quantity'],
  ['quantity "1"', withQuantity('1'), '/items/0/quantity'],
  ['a total of 1e30', { ...mug, expectedTotal: 1e30 }, '/expectedTotal'],
  [
    'constructor in an item',
    { ...mug, items: [{ ...item, constructor: {} }] },
    '/items/0/constructor',
  ],
  ['toString beside them', { ...mug, toString: 'x' }, '/toString'],
  ['a body that is a list', [mug], ''],
  ['a body that is a text', '"order"', ''],
  ['a body that is null', 'null', '/items'],
];

/** Well-formed, and yet not an order that this shop takes. */
const refused: [wrong: string, body: unknown, type: string, pointer: string][] = [
  ['a wrong total', { ...mug, expectedTotal: 1 }, 'price-changed', '/expectedTotal'],
  ['an unknown sku', withItems(item, { ...item, sku: 'NOPE' }), 'unknown-sku', '/items/1/sku'],
  ['a sku like __proto__', withItems({ ...item, sku: '__proto__' }), 'unknown-sku', '/items/0/sku'],
  ['a currency', { ...mug, currency: 'KWD' }, 'sku-not-sold-in-currency', '/items/0/sku'],
  ['a sku listed twice', withItems(item, item), 'sku-repeated', '/items/1/sku'],
];

const unreadable: [wrong: string, body: unknown, status: number, type: string][] = [
  ['10,000 items', { ...mug, items: items(10_000) }, 413, 'payload-too-large'],
  ['a 2 MB body', { ...mug, customerId: 'x'.repeat(2_000_000) }, 413, 'payload-too-large'],
  ['broken JSON', '{"customerId": "1", ', 400, 'malformed-json'],
  ['an empty body', '', 400, 'invalid-request'],
  ['__proto__ in the body', '{"__proto__": {"customerId": "1"}}', 400, 'invalid-request'],
];

describe('OWASP API3 properties, API4 resources: bad input', () => {
  let service: TestService;
  let api: OrdersApi;

  beforeAll(async () => {
    service = await testService(OrdersModule);
    api = new OrdersApi(service.url);
  });
  afterAll(async () => service.stop());

  it.each(invalid)('%s is a 400 that says where', async (_wrong, body, pointer) => {
    const answered = await api.post<ProblemDetails>(body);
    expectProblem(answered, 400, 'invalid-request');
    const pointers = answered.body.errors?.map((fault) => fault.pointer);
    expect(pointers).toEqual(expect.arrayContaining([pointer]));
  });

  it.each(refused)('%s is a 422 that says where', async (_wrong, body, type, pointer) => {
    const answered = await api.post<ProblemDetails>(body);
    expectProblem(answered, 422, type);
    expect(answered.body.errors).toMatchObject([{ pointer }]);
  });

  it.each(unreadable)('%s is a clear 4xx', async (_wrong, body, status, type) => {
    expectProblem(await api.post<ProblemDetails>(body), status, type);
  });

  it('leaves nothing behind', async () => {
    for (const table of ['orders', 'order_timeline', 'outbox', 'idempotency_records']) {
      const rows = await service.db.query({
        name: `test-${table}`,
        text: `SELECT 1 FROM ${table}`,
      });
      expect(rows).toEqual([]);
    }
  });

  it.each([
    ['a body of another type', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['an empty key', { 'idempotency-key': '' }, 400, 'invalid-request'],
    ['a key of 256 characters', { 'idempotency-key': 'k'.repeat(256) }, 400, 'invalid-request'],
    ['a key with an umlaut', { 'idempotency-key': 'schlüssel' }, 400, 'invalid-request'],
  ])('%s is a clear 4xx', async (_wrong, headers: Record<string, string>, status, type) => {
    expectProblem(await api.post<ProblemDetails>(mug, headers), status, type);
  });

  it.each([
    ['/v1/nothing', 404, 'route-not-found'],
    ['/v1/orders?limit=0', 400, 'invalid-request'],
    ['/v1/orders?limit=101', 400, 'invalid-request'],
    ['/v1/orders?limit=1001&include=timeline', 400, 'invalid-request'],
    ['/v1/orders?include=everything', 400, 'invalid-request'],
    ['/v1/orders?limit=ten', 400, 'invalid-request'],
    ['/v1/orders?limit=1&limit=2', 400, 'invalid-request'],
    ['/v1/orders?status=unheard-of', 400, 'invalid-request'],
    ['/v1/orders?status=paid&status=paid', 400, 'invalid-request'],
    ['/v1/orders?customerId=%00', 400, 'invalid-request'],
    ['/v1/orders?page=2', 400, 'invalid-request'],
    ['/v1/orders?cursor=nonsense', 400, 'invalid-request'],
    ['/v1/orders?cursor=WyIxIl0', 400, 'invalid-request'],
    ['/v1/products?limit=101', 400, 'invalid-request'],
    ['/v1/products?cursor=WyJcdTAwMDAiXQ', 400, 'invalid-request'],
    ['/v1/orders/%E0%A4%A', 400, 'malformed-address'],
  ])('GET %s is a clear 4xx', async (path, status, type) => {
    expectProblem(await api.problem(path), status, type);
  });
});

function expectProblem(
  { status, headers, body, text }: ApiResponse<ProblemDetails>,
  ...wanted: unknown[]
) {
  expect([status, body.type.replace('https://tradepost.dev/problems/', '')]).toEqual(wanted);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({ status, title: expect.any(String) });
  expect(text).not.toMatch(/\bat .*\.(ts|js)/);
}
