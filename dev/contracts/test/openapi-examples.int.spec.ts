import { testService, testServer, type TestServer } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { apps, gateway } from '../../../apps/services';
import { documented } from '../openapi/documents';

interface Parameter {
  name: string;
  in: string;
  example?: unknown;
}

interface Operation {
  tags: string[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { example?: unknown }> };
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

interface Asked {
  path: string;
  method: string;
  operation: Operation;
}

const token = 'a-token-of-operators';
const read = (name: string) =>
  JSON.parse(readFileSync(`docs/openapi/${name}.json`, 'utf8')) as Document;

/** What makes something comes first, what takes it away last. */
function operationsOf({ paths }: Document): Asked[] {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  const rank = ({ path, method }: Asked) => {
    if (method === 'post' && !path.includes('{')) return 0;
    return method === 'delete' ? 2 : 1;
  };
  return all.sort((a, b) => rank(a) - rank(b));
}

// `fetch` of the tests holds each answer against the document: what comes, is in it.
describe.each(documented)('the examples in the document of %s', (name) => {
  const operations = operationsOf(read(name));
  let server: TestServer;
  /** Of what was made, by the path that made it. */
  const ids = new Map<string, string>();

  beforeAll(async () => {
    const { module } = apps[name];
    const start = name === gateway ? testServer : testService;
    const env = { OPS_TOKEN: token, GATEWAY: 'sandbox', WEBHOOKS_ALLOW_PRIVATE: 'true' };
    server = await start(await module(), env);
  });
  afterAll(() => server.stop());

  /** @returns the status; 0 where the answer wants another service, which is not there */
  async function ask({ path, method, operation }: Asked, given: RequestInit): Promise<number> {
    const { parameters = [] } = operation;
    const made = [...ids].find(([from]) => path.startsWith(`${from}/{`))?.[1] ?? randomUUID();
    const url = new URL(path.replace(/\{\w+\}/g, made), server.url);
    for (const parameter of parameters.filter((one) => one.example !== undefined)) {
      if (parameter.in === 'query') url.searchParams.set(parameter.name, String(parameter.example));
    }
    const headers = { authorization: `Bearer ${token}`, ...given.headers };
    const signal = AbortSignal.timeout(20_000);
    const response = await fetch(url, { method: method.toUpperCase(), ...given, headers, signal });
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    if (!isJson) await response.body?.cancel();
    const { id, type } = (isJson ? await response.json() : {}) as { id?: string; type?: string };
    if (response.status === 201 && id !== undefined) ids.set(path, id);
    return type?.endsWith('/rpc-failed') ? 0 : response.status;
  }

  const json = { 'content-type': 'application/json' };
  const withBody = operations.filter(({ operation }) => operation.requestBody);

  it('are taken, and answered as it says', async () => {
    for (const asked of operations) {
      const { requestBody } = asked.operation;
      const body = requestBody?.content['application/json']?.example;
      const given = body === undefined ? {} : { headers: json, body: JSON.stringify(body) };
      const status = await ask(asked, given);
      const isMade =
        !asked.path.includes('{') || [...ids.keys()].some((p) => asked.path.startsWith(`${p}/{`));
      const isOwn = asked.path.startsWith('/v1/') && body !== undefined && isMade;
      const said = `${asked.method} ${asked.path}: ${status}`;
      if (isOwn) expect(said).toMatch(/: 20\d$/);
      else expect(said).not.toMatch(/: 5\d\d$/);
    }
  });

  it('broken, are refused as it says', async () => {
    for (const asked of withBody) {
      expect(await ask(asked, { headers: json, body: '{"no-such-field":' })).toBe(400);
      expect(await ask(asked, { headers: json, body: '[]' })).toBeGreaterThanOrEqual(400);
      expect(await ask(asked, { headers: { 'content-type': 'text/xml' }, body: '<a/>' })).toBe(415);
      expect(await ask(asked, { headers: json, body: `"${'x'.repeat(200_000)}"` })).toBe(413);
    }
  });

  it('OWASP API3 properties: with a field beyond, are refused', async () => {
    for (const asked of withBody) {
      const example = asked.operation.requestBody?.content['application/json']?.example;
      // What a gateway signs has none: it may grow.
      if (typeof example !== 'object' || example === null) continue;
      for (const field of ['id', 'status', 'secret', 'customerName', 'constructor']) {
        if (field in example) continue;
        const body = JSON.stringify({ ...example, [field]: 'paid' });
        const status = await ask(asked, { headers: json, body });
        expect(`${asked.method} ${asked.path} ${field}: ${status}`).toMatch(/: 400$/);
      }
    }
  });

  it('of operators, are refused to others', async () => {
    const ofOperators = operations.filter(({ operation }) => operation.tags.includes('operations'));
    for (const asked of ofOperators) {
      expect(await ask(asked, { headers: { authorization: 'Bearer another' } })).toBe(401);
    }
  });
});
