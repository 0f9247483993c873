import { fetch } from 'undici';
import type { MessageDocument, MessageDocuments, RouteDocuments } from '../src/api/documents';
import { AskedService, answerJson, runConsole, type TestConsole } from './run-console';

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

/** What a document may have, and ours have. */
const openApi = {
  openapi: '3.1.1',
  info: { title: 'till', version: '1.0.0', description: 'Takes money.' },
  paths: {
    '/v1/drawers/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: {
        tags: ['drawers'],
        summary: 'One drawer',
        parameters: [ref('parameters', 'Deep')],
        responses: {
          200: {
            description: 'Done',
            content: { 'application/json': { schema: ref('schemas', 'Drawer') } },
          },
          404: ref('responses', 'Missing'),
        },
      },
      delete: { security: [{ opsToken: [] }], responses: { 204: { description: 'Gone' } } },
    },
    '/v1/drawers': {
      post: {
        requestBody: {
          content: {
            'application/json': { schema: ref('schemas', 'Drawer'), example: { coins: 3 } },
          },
        },
        responses: {},
      },
    },
  },
  components: {
    parameters: { Deep: { name: 'deep', in: 'query', schema: { type: 'boolean' } } },
    responses: {
      Missing: {
        description: 'Not there',
        content: {
          'application/problem+json': {
            schema: { type: 'object' },
            examples: { 'drawer-not-found': ref('examples', 'missing') },
          },
        },
      },
    },
    examples: { missing: { value: { title: 'No such drawer' } } },
    schemas: {
      Drawer: {
        type: 'object',
        required: ['coins'],
        properties: { coins: { type: 'integer' }, inner: ref('schemas', 'Drawer') },
      },
    },
  },
};

let service: AskedService;
let console: TestConsole;

beforeAll(async () => {
  service = await AskedService.start(({ url }, response) => {
    if (url === '/openapi.json') return answerJson(response, openApi);
    answerJson(response, {}, 404);
  });
  const others = `dumb=${service.url}/dumb,gone=http://127.0.0.1:1`;
  const env = { SERVICES: `till=${service.url},${others}`, CONSOLE_OPEN: 'true' };
  console = await runConsole(env);
});
afterAll(async () => {
  await console.stop();
  await service.stop();
});

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${console.url}/api/documents/${path}`);
  return (await response.json()) as T;
}

async function contract(name: string): Promise<MessageDocument | undefined> {
  const { messages } = await get<MessageDocuments>('messages');
  return messages.find((message) => message.contract === name);
}

describe('the documents of the contracts', () => {
  it('tell of an event who sends it, who hears it and where, and what is in it', async () => {
    const sale = await contract('SaleFinalized');
    expect(sale).toMatchObject({
      pattern: 'fanout',
      place: 'sale-finalized',
      bundled: true,
      sentBy: ['orders'],
      text: expect.stringContaining('Sent by orders'),
      examples: [{ orderId: expect.any(String), items: [{}, {}] }],
    });
    expect(sale?.heardBy.map(({ service: name, queue }) => [name, queue])).toEqual([
      ['financial', 'financial.sale-finalized'],
      ['payments', 'payments.sale-finalized'],
    ]);
    expect(sale?.body.properties?.items?.items).toMatchObject({
      title: 'SaleItem',
      required: ['sku', 'quantity', 'unitPrice'],
    });
  });

  it('tell of a question what is answered', async () => {
    const question = await contract('GetUser');
    expect(question).toMatchObject({ pattern: 'rpc', place: 'users.get-user', sentBy: ['orders'] });
    expect(question?.replies.map((reply) => reply.contract)).toEqual(['User', 'Refusal']);
  });

  it('have every message once, and no envelope of one as a contract', async () => {
    const names = (await get<MessageDocuments>('messages')).messages.map((one) => one.contract);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['ChargePayment', 'LogEntries', 'GetPayment']));
    for (const other of ['SaleFinalizedBundle', 'User', 'Refusal'])
      expect(names).not.toContain(other);
  });

  it('tell of each service its routes, or why there are none', async () => {
    const { services } = await get<RouteDocuments>('routes');
    const [till, dumb, gone] = services;
    expect(dumb).toMatchObject({ name: 'dumb', routes: [], problem: 'dumb has no document.' });
    expect(gone).toMatchObject({ name: 'gone', routes: [], problem: expect.any(String) });
    expect(till?.text).toBe('Takes money.');
    const names = till?.routes.map(({ method, path }) => `${method} ${path}`);
    expect(names).toEqual(['GET /v1/drawers/{id}', 'DELETE /v1/drawers/{id}', 'POST /v1/drawers']);
    const [read, remove, make] = till?.routes ?? [];
    expect(read?.parameters).toMatchObject([
      { name: 'id', in: 'path', required: true },
      { name: 'deep', in: 'query', required: false },
    ]);
    expect(read?.answers.map(({ status, text }) => [status, text])).toEqual([
      ['200', 'Done'],
      ['404', 'Not there'],
    ]);
    expect(read?.answers[0]?.contents[0]?.schema).toEqual({
      title: 'Drawer',
      type: 'object',
      required: ['coins'],
      properties: { coins: { type: 'integer' }, inner: { title: 'Drawer' } },
    });
    expect(read?.answers[1]?.contents[0]?.examples).toEqual([
      { name: 'drawer-not-found', value: { title: 'No such drawer' } },
    ]);
    expect(remove).toMatchObject({ forOperators: true, body: [] });
    expect(make?.body).toMatchObject([{ examples: [{ value: { coins: 3 } }] }]);
  });

  it('are there as they are', async () => {
    expect(await get('openapi/till')).toEqual(openApi);
    expect(await get('asyncapi.json')).toMatchObject({ asyncapi: expect.stringMatching(/^3/) });
    expect(await get('openapi/nobody')).toMatchObject({ status: 404 });
  });
});
