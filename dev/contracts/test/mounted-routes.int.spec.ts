import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TestBroker } from '@tradepost/messaging/testing';
import { accessOf, createService, type ScopeName, scopes } from '@tradepost/service';
import { createTestDatabase, type TestDatabase, TokenIssuer } from '@tradepost/test-kit';
import { readFileSync } from 'node:fs';
import { v7 } from 'uuid';
import { apps } from '../../../apps/services';
import { documented } from '../openapi/documents';

interface Route {
  method: string;
  url: string;
  config?: object;
}

let issuer: TokenIssuer;

beforeAll(async () => {
  issuer = await TokenIssuer.open();
});
afterAll(async () => {
  await issuer?.close();
});

const common = ['/', '/health/live', '/health/ready', '/openapi.json'];
/** Beside those that every service has. */
const open: Partial<Record<(typeof documented)[number], string[]>> = {
  orders: ['GET /v1/products'],
  payments: ['POST /v1/gateway-callbacks'],
  'sandbox-gateway': [
    'GET /v1/charges',
    'GET /v1/charges/:paymentId',
    'POST /v1/charges',
    'POST /v1/refunds',
  ],
};

/** Who may read what is at an address of the shop's, and who may change it. */
const wanted: Record<string, [read: ScopeName, write?: ScopeName]> = {
  'v1/orders': ['orders:read', 'orders:write'],
  'v1/webhooks': ['webhooks:manage', 'webhooks:manage'],
  'v1/users': ['users:read', 'users:write'],
  'v1/ledger': ['ledger:read'],
  'v1/payments': ['payments:read'],
  'v1/sandbox': ['payments:read'],
  'v1/logs': ['logs:read'],
  'v1/alerts': ['logs:read', 'ops'],
  'v1/alert-rules': ['logs:read', 'ops'],
};

/** Of an address that is not in the table: what its route says, as a new service's is. */
function scopeWanted({ method, url, config }: Route): ScopeName | undefined {
  if (/^\/(ops\/|metrics$)/.test(url)) return 'ops';
  const access = accessOf(config);
  const said = access && 'scope' in access ? access.scope : undefined;
  const [read = said, write = said] = wanted[url.split('/').slice(1, 3).join('/')] ?? [];
  return method === 'GET' || method === 'HEAD' ? read : write;
}

const isOpen = ({ config }: Route) => 'open' in (accessOf(config) ?? {});
const isForCustomers = ({ url }: Route) => /^\/v1\/orders(\/:id(\/(cancel|events))?)?$/.test(url);
const nameOf = ({ method, url }: Route) => `${method} ${url}`;
const isGiven = ({ method }: Route) => method !== 'HEAD';

function documentedRoutes(name: string): string[] {
  const { paths } = JSON.parse(readFileSync(`docs/openapi/${name}.json`, 'utf8')) as {
    paths: Record<string, object>;
  };
  return Object.entries(paths)
    .flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`))
    .sort();
}

describe.each(documented)('%s', (name) => {
  const routes: Route[] = [];
  let broker: TestBroker;
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let askers = 0;

  beforeAll(async () => {
    broker = await TestBroker.create();
    database = await createTestDatabase(name);
    const env = { AMQP_URL: broker.amqpUrl, POSTGRES_URL: database.serviceUrl };
    const more = { ...issuer.settings, GATEWAY: 'sandbox', LOG_LEVEL: 'critical' };
    app = await createService(await apps[name].module(), { ...env, ...more });
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRoute', ({ method, url, config }) => {
      for (const one of [method].flat()) routes.push({ method: one, url, config });
    });
    await app.init();
    await fastify.ready();
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
    await broker?.close();
  });

  /** Each from an address of its own, as bad tokens from one are bounded. */
  async function ask({ method, url }: Route, headers?: { authorization: string }) {
    askers += 1;
    const answer = await app.inject({
      method: method as 'GET',
      url: url.replace(/:\w+/g, v7()),
      remoteAddress: `10.0.${askers >> 8}.${askers & 255}`,
      payloadAsStream: true,
      ...(headers && { headers }),
    });
    // An answer that goes on is a good one too.
    answer.stream().destroy();
    return { status: answer.statusCode, challenge: answer.headers['www-authenticate'] };
  }

  it('OWASP API9 inventory: its document has what it serves, and nothing else', () => {
    const served = routes.filter(isGiven).map(nameOf);
    const asWritten = served.map((route) => route.replace(/:(\w+)/g, '{$1}'));
    expect(documentedRoutes(name)).toEqual([...new Set(asWritten)].sort());
  });

  describe('OWASP API5, functions: its routes', () => {
    const closed = () => routes.filter((route) => !isOpen(route));

    it('are open by name alone', async () => {
      const everywhere = common.map((url) => `GET ${url}`);
      const found = routes.filter((route) => isOpen(route) && isGiven(route)).map(nameOf);
      expect(found.sort()).toEqual([...everywhere, ...(open[name] ?? [])].sort());
      for (const route of routes.filter(isOpen)) {
        expect([nameOf(route), (await ask(route)).status]).not.toEqual([nameOf(route), 401]);
      }
    });

    it('refuse who has no token', async () => {
      for (const route of closed()) {
        const refused = { status: 401, challenge: 'Bearer realm="tradepost"' };
        expect([nameOf(route), await ask(route)]).toEqual([nameOf(route), refused]);
      }
    });

    it('refuse who has every scope but theirs, and let in who has theirs alone', async () => {
      for (const route of closed()) {
        const scope = scopeWanted(route);
        const others = scopes.filter((one) => one !== scope).join(' ');
        const challenge = `Bearer realm="tradepost", error="insufficient_scope", scope="${scope}"`;
        expect([nameOf(route), await ask(route, await issuer.bearer({ scope: others }))]).toEqual([
          nameOf(route),
          { status: 403, challenge },
        ]);
        const { status } = await ask(route, await issuer.bearer({ scope }));
        expect([nameOf(route), status === 401 || status === 403]).toEqual([nameOf(route), false]);
      }
    });

    it('refuse a customer who has every scope, but for orders', async () => {
      const all = { scope: scopes.join(' '), customer_id: '1' };
      for (const route of closed()) {
        const { status } = await ask(route, await issuer.bearer(all));
        expect([nameOf(route), status === 403]).toEqual([nameOf(route), !isForCustomers(route)]);
      }
    });
  });
});
