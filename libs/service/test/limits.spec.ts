import { Controller, Get, Header, Module, StreamableFile } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openToAll, TokenIssuer } from '@tradepost/test-kit';
import { createService, EventStream, Open, Scope, ServiceConfig, ServiceModule } from '../src';
import { nowhere } from './nowhere';

@Controller()
class Doors {
  @Get('orders')
  @Scope('orders:read', { customers: 'own' })
  orders() {
    return {};
  }

  @Get('payments')
  @Scope('payments:read')
  payments() {
    return {};
  }

  @Get('catalogue')
  @Open('everybody may look')
  catalogue() {
    return {};
  }

  @Get('callbacks')
  @Open('they are signed', { limited: false })
  callbacks() {
    return {};
  }

  @Get('stream')
  @Scope('orders:read')
  @Header('cache-control', 'no-store')
  stream() {
    return new StreamableFile(new EventStream(), { type: 'text/event-stream' });
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'doors', config: ServiceConfig })],
  controllers: [Doors],
})
class DoorsModule {}

let issuer: TokenIssuer;
let app: NestFastifyApplication | undefined;

beforeAll(async () => {
  issuer = await TokenIssuer.open();
});
afterEach(stop);
afterAll(async () => issuer.close());

async function start(env: Record<string, string> = openToAll): Promise<void> {
  app = await createService(DoorsModule, { ...nowhere, ...env });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
}

async function stop(): Promise<void> {
  await app?.close();
  app = undefined;
}

async function get(url: string, headers: Record<string, string> = {}, method = 'GET') {
  if (!app) throw new Error('it is not started');
  return app.inject({ method: method as 'GET', url, headers });
}

async function statuses(times: number, ask: () => ReturnType<typeof get>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < times; i += 1) all.push((await ask()).statusCode);
  return all;
}

describe('OWASP API4, resources', () => {
  it('a caller may ask one route so often in a minute', async () => {
    await start({ ...issuer.settings, RATE_LIMIT_PER_MINUTE: '3' });
    const scope = 'orders:read payments:read';
    const anna = await issuer.bearer({ sub: 'anna', scope });
    expect(await statuses(4, async () => get('/orders', anna))).toEqual([200, 200, 200, 429]);
    const refused = await get('/orders', anna);
    expect(refused.json()).toMatchObject({ type: expect.stringMatching(/too-many-requests$/) });
    expect(refused.headers).toMatchObject({
      'ratelimit-limit': '3',
      'ratelimit-remaining': '0',
      'ratelimit-reset': expect.stringMatching(/^[1-9]\d?$/),
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('/payments', anna)).headers).toMatchObject({
      'ratelimit-limit': '3',
      'ratelimit-remaining': '2',
    });
    // A new token makes no new caller; another caller is one, and another customer.
    const again = await issuer.bearer({ sub: 'anna', scope, jti: 'another' });
    expect((await get('/orders', again)).statusCode).toBe(429);
    const ben = await issuer.bearer({ sub: 'ben', scope });
    expect((await get('/orders', ben)).statusCode).toBe(200);
    const customer = await issuer.bearer({ sub: 'anna', scope, customer_id: '1' });
    expect((await get('/orders', customer)).statusCode).toBe(200);
  });

  it('by address where there is no token, but not what is signed, nor without a limit', async () => {
    await start({ ...issuer.settings, RATE_LIMIT_PER_MINUTE: '2' });
    expect(await statuses(3, async () => get('/catalogue'))).toEqual([200, 200, 429]);
    expect(await statuses(3, async () => get('/callbacks'))).toEqual([200, 200, 200]);
    await stop();
    await start();
    expect((await get('/catalogue')).headers).not.toHaveProperty('ratelimit-limit');
  });

  it('600 in a minute with tokens, unless said otherwise', async () => {
    await start(issuer.settings);
    expect((await get('/catalogue')).headers).toMatchObject({ 'ratelimit-limit': '600' });
  });

  it('an address that tries tokens is told to wait; who has a good one is not', async () => {
    await start(issuer.settings);
    const bad = { authorization: 'Bearer a.b.c' };
    const tried = await statuses(61, async () => get('/orders', bad));
    expect(tried.slice(0, 60)).toEqual(tried.slice(0, 60).map(() => 401));
    expect(tried[60]).toBe(429);
    const good = await issuer.bearer({ scope: 'orders:read' });
    expect((await get('/orders', good)).statusCode).toBe(200);
  });

  it('who has a good token is not told to wait for tokens while the issuer is away', async () => {
    await start(issuer.settings);
    issuer.fails = 500;
    const good = await issuer.bearer({ scope: 'orders:read' });
    const asked = await statuses(62, async () => get('/orders', good));
    issuer.fails = undefined;
    expect(asked).toEqual(asked.map(() => 503));
  });

  it('a caller has a hundred streams at most', async () => {
    await start(issuer.settings);
    await app?.listen(0, '127.0.0.1');
    const url = await app?.getUrl();
    const open = async (headers: Record<string, string>) =>
      fetch(`${url}/stream`, { headers, signal: AbortSignal.timeout(20_000) });
    const anna = await issuer.bearer({ sub: 'anna', scope: 'orders:read' });
    const streams = await Promise.all(Array.from({ length: 100 }, async () => open(anna)));
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    const more = await open(anna);
    expect(more.status).toBe(503);
    expect(await more.json()).toMatchObject({ type: expect.stringMatching(/too-many-streams$/) });
    const ben = await open(await issuer.bearer({ sub: 'ben', scope: 'orders:read' }));
    expect(ben.status).toBe(200);
    await Promise.all([...streams, ben].map(async ({ body }) => body?.cancel()));
  });

  it('headers, address and connections are bounded, and so is the time of a request', async () => {
    await start();
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, 'a']));
    const tooMany = await get('/catalogue', many);
    expect([tooMany.statusCode, tooMany.json<{ type: string }>().type]).toEqual([
      431,
      expect.stringMatching(/header-too-large$/),
    ]);
    const tooLong = await get(`/catalogue?${'a'.repeat(8_192)}`);
    expect([tooLong.statusCode, tooLong.json<{ type: string }>().type]).toEqual([
      414,
      expect.stringMatching(/uri-too-long$/),
    ]);
    expect(app?.getHttpServer()).toMatchObject({
      ...{ headersTimeout: 10_000, requestTimeout: 30_000, maxConnections: 4_000 },
    });
  });
});

describe('OWASP API8, configuration', () => {
  it('every answer has the headers of helmet, a problem too', async () => {
    await start();
    for (const path of ['/catalogue', '/nowhere']) {
      expect((await get(path)).headers).toMatchObject({
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': expect.stringContaining('max-age='),
      });
    }
  });

  const asks = (origin: string) => ({ origin, 'access-control-request-method': 'GET' });
  const allowed = 'access-control-allow-origin';

  it('pages of other origins may not ask, unless they are listed', async () => {
    await start();
    const shop = 'https://shop.example';
    expect((await get('/catalogue', { origin: shop })).headers).not.toHaveProperty(allowed);
    expect((await get('/catalogue', asks(shop), 'OPTIONS')).statusCode).toBe(405);
    await stop();
    await start({ ...issuer.settings, CORS_ORIGINS: `${shop},https://admin.example` });
    const preflight = await get('/orders', asks(shop), 'OPTIONS');
    expect([preflight.statusCode, preflight.headers[allowed]]).toEqual([204, shop]);
    const listed = await get('/orders', { origin: shop });
    expect([listed.statusCode, listed.headers[allowed]]).toEqual([401, shop]);
    const other = await get('/orders', asks('https://evil.example'), 'OPTIONS');
    expect(other.headers).not.toHaveProperty(allowed);
    expect(other.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('X-Forwarded-For counts from a trusted proxy alone', async () => {
    const from = (address: string) => async () => get('/catalogue', { 'x-forwarded-for': address });
    await start({ ...openToAll, RATE_LIMIT_PER_MINUTE: '1' });
    expect([
      ...(await statuses(1, from('192.0.2.1'))),
      ...(await statuses(1, from('192.0.2.2'))),
    ]).toEqual([200, 429]);
    await stop();
    for (const TRUST_PROXY of ['1', '127.0.0.0/8,::1']) {
      await start({ ...openToAll, RATE_LIMIT_PER_MINUTE: '1', TRUST_PROXY });
      expect(await statuses(1, from('192.0.2.1'))).toEqual([200]);
      expect(await statuses(1, from('192.0.2.2'))).toEqual([200]);
      // What a client wrote before its proxy did.
      expect(await statuses(1, from('192.0.2.3, 192.0.2.1'))).toEqual([429]);
      await stop();
    }
  });

  it.each([
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '0'],
    ['TRUST_PROXY', '10.0.0.0/8,everyone'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://shop.example/'],
    ['RATE_LIMIT_PER_MINUTE', '0'],
  ])('%s=%s is refused at the start', async (name, value) => {
    await expect(
      createService(DoorsModule, { ...nowhere, ...openToAll, [name]: value }),
    ).rejects.toThrow(`${name}="${value}"`);
  });
});
