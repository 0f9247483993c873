import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { eventually, TokenIssuer } from '@tradepost/test-kit';
import {
  type CryptoKey,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { createHmac } from 'node:crypto';
import { Caller, createService, Open, Scope, ServiceConfig, ServiceModule } from '../src';
import { Operator } from '../src/ops/operator';
import { nowhere } from './nowhere';

@Controller()
class Doors {
  @Get('orders')
  @Scope('orders:read', { customers: 'own' })
  orders(@Caller() { id, customer }: Caller) {
    return { id, customer };
  }

  @Get('ledger')
  @Scope('ledger:read')
  ledger(@Caller() { id }: Caller) {
    return { id };
  }

  @Get('acts')
  @Scope('ops')
  acts(@Operator() by: string) {
    return { by };
  }

  @Get('catalogue')
  @Open('everybody may look')
  catalogue() {
    return {};
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'doors', config: ServiceConfig })],
  controllers: [Doors],
})
class DoorsModule {}

let issuer: TokenIssuer;
let app: NestFastifyApplication | undefined;
let isUsual = false;

beforeAll(async () => {
  issuer = await TokenIssuer.open();
});
afterEach(async () => {
  issuer.fails = undefined;
});
afterAll(async () => {
  await app?.close();
  await issuer.close();
});

/** One is enough for tests that want nothing special. */
async function start(env?: Record<string, string>): Promise<void> {
  if (env === undefined && isUsual) return;
  await app?.close();
  isUsual = env === undefined;
  app = await createService(DoorsModule, { ...nowhere, ...issuer.settings, ...env });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
}

async function get(url: string, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  if (!app) throw new Error('it is not started');
  const answer = await app.inject({ method: 'GET', url, headers });
  const body = answer.json<{ type?: string; detail?: string }>();
  const type = body.type?.split('/').at(-1);
  return { status: answer.statusCode, type, body, challenge: answer.headers['www-authenticate'] };
}

async function withClaims(claims: JWTPayload, url = '/orders') {
  return get(url, `Bearer ${await issuer.token({ scope: 'orders:read', ...claims })}`);
}

const seconds = () => Math.floor(Date.now() / 1_000);

describe('OWASP API2, broken authentication', () => {
  it('a good token says who asks', async () => {
    await start();
    expect(await withClaims({ customer_id: '7' })).toMatchObject({
      status: 200,
      body: { id: 'tester', customer: '7' },
    });
    expect(await get('/catalogue')).toMatchObject({ status: 200 });
  });

  it('what an operator does is recorded as done by whose token it is', async () => {
    await start();
    const { authorization } = await issuer.bearer({ sub: 'anna', scope: 'ops' });
    const url = '/acts';
    const headers = { authorization, 'x-operator': 'berta' };

    expect((await get(url, authorization)).body).toEqual({ by: 'anna, http 127.0.0.1' });
    const named = await app?.inject({ url, headers });
    expect(named?.json()).toEqual({ by: 'berta (anna, http 127.0.0.1)' });
  });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('a key of %s is as good', async (alg) => {
    await start({ AUTH_JWKS_INTERVAL_S: '1' });
    await issuer.rotate({ alg, keep: false });
    expect(await withClaims({})).toMatchObject({ status: 200 });
  });

  it.each([
    ['none', undefined],
    ['an empty one', 'Bearer '],
    ['of another scheme', 'Basic dXNlcjpwdw=='],
    ['two', 'Bearer a b'],
  ])('no token: %s', async (_, authorization) => {
    await start();
    const answer = await get('/orders', authorization);
    expect(answer).toMatchObject({ status: 401, type: 'token-required' });
    expect(answer.challenge).toBe('Bearer realm="tradepost"');
  });

  it.each<[string, JWTPayload, string]>([
    ['expired', { exp: seconds() - 60 }, 'it has expired'],
    ['not valid yet', { nbf: seconds() + 300 }, 'it is not valid yet'],
    ['that never expires', { exp: undefined }, 'it has no exp'],
    ['for somebody else', { aud: 'another' }, 'its aud is not the one wanted here'],
    ['for nobody', { aud: undefined }, 'it has no aud'],
    ['of another issuer', { iss: 'https://evil.example' }, 'its iss is not the one wanted here'],
    ['of nobody', { sub: undefined }, 'it has no sub'],
    ['of a caller without a name', { sub: '' }, 'it names no caller'],
    ['of an unreadable customer', { customer_id: 7 }, 'it names no customer'],
    ['of an empty customer', { customer_id: '' }, 'it names no customer'],
    ['with scopes that are a list', { scope: ['orders:read'] }, 'its scopes are no text'],
  ])('a token %s', async (_, claims, detail) => {
    await start();
    const answer = await withClaims(claims);
    expect(answer).toMatchObject({ status: 401, type: 'invalid-token', body: { detail } });
    expect(answer.challenge).toContain('error="invalid_token"');
  });

  it('a clock may differ by little', async () => {
    await start({ AUTH_CLOCK_SKEW_S: '10' });
    expect(await withClaims({ exp: seconds() - 5 })).toMatchObject({ status: 200 });
    expect(await withClaims({ exp: seconds() - 15 })).toMatchObject({ status: 401 });
  });

  it('a token that was good is refused when it has expired', async () => {
    await start({ AUTH_CLOCK_SKEW_S: '0' });
    const token = await issuer.token({ scope: 'orders:read', exp: seconds() + 100 });
    expect(await get('/orders', `Bearer ${token}`)).toMatchObject({ status: 200 });
    jest.useFakeTimers({ advanceTimers: true, now: Date.now() + 101_000 });
    try {
      expect(await get('/orders', `Bearer ${token}`)).toMatchObject({
        status: 401,
        body: { detail: 'it has expired' },
      });
    } finally {
      jest.useRealTimers();
    }
  });

  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const good = (): JWTPayload => ({
    ...{ iss: issuer.url, aud: 'tradepost', sub: 'tester', scope: 'orders:read' },
    exp: seconds() + 60,
  });
  const unsigned = (alg: string, kid: unknown = issuer.key.kid) =>
    `${encode({ alg, kid })}.${encode(good())}.`;
  const hmac = (key: string | Uint8Array) => {
    const head = `${encode({ alg: 'HS256', kid: issuer.key.kid })}.${encode(good())}`;
    return `${head}.${createHmac('sha256', key).update(head).digest('base64url')}`;
  };

  it.each<[string, () => Promise<string> | string]>([
    ['alg none', () => unsigned('none')],
    ['alg None, in another case', () => unsigned('NoNe')],
    ['without a signature', () => unsigned('ES256')],
    [
      "HS256 with the issuer's public key",
      async () => {
        const { jwk, alg } = issuer.key;
        const key = (await importJWK(jwk, alg)) as CryptoKey;
        return hmac(await exportSPKI(key));
      },
    ],
    ["HS256 with the public key's JSON", () => hmac(JSON.stringify(issuer.key.jwk))],
    ['HS256 with an empty secret', () => hmac('')],
    [
      'signed by a key of its own, under the name of ours',
      async () => {
        const { privateKey } = await generateKeyPair('ES256');
        const header = { alg: 'ES256', kid: issuer.key.kid };
        return new SignJWT(good()).setProtectedHeader(header).sign(privateKey);
      },
    ],
    [
      'that brings its key along',
      async () => {
        const { privateKey } = await generateKeyPair('ES256');
        const header = { alg: 'ES256', kid: issuer.key.kid, jwk: issuer.key.jwk };
        return new SignJWT(good()).setProtectedHeader(header).sign(privateKey);
      },
    ],
    [
      'changed after it was signed',
      async () => {
        const [head, , signature] = (await issuer.token(good())).split('.');
        return `${head}.${encode({ ...good(), scope: 'ops' })}.${signature}`;
      },
    ],
    [
      'with a key of the file system',
      async () => issuer.token(good(), { kid: '../../etc/passwd' }),
    ],
    ['with a key of a database', async () => issuer.token(good(), { kid: "' OR 1=1 --" })],
    ['with a list of keys', () => unsigned('ES256', ['key-1'])],
    ['with no key', async () => issuer.token(good(), { kid: undefined })],
    ['with an endless key', async () => issuer.token(good(), { kid: 'k'.repeat(300) })],
    ['of another type', async () => issuer.token(good(), { typ: 'logout+jwt' })],
    [
      'with an extension that nobody knows',
      () =>
        unsigned('ES256').replace(
          /^[^.]+/,
          encode({ alg: 'ES256', kid: 'key-1', crit: ['x'], x: 1 }),
        ),
    ],
    ['that is none', () => 'a.b.c'],
    ['that is long', () => 'a'.repeat(8_193)],
  ])('a token %s', async (_, make) => {
    await start();
    const answer = await get('/orders', `Bearer ${await make()}`);
    expect(answer).toMatchObject({ status: 401, type: 'invalid-token' });
  });
});

describe('keys of the issuer', () => {
  it('rotate without a restart; unknown ones cause one fetch in an interval', async () => {
    await start({ AUTH_JWKS_INTERVAL_S: '1' });
    issuer.asked = 0;
    expect(await withClaims({})).toMatchObject({ status: 200 });
    expect(issuer.asked).toBe(1);
    const strange = await issuer.token({ scope: 'orders:read' }, { kid: 'unknown' });
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => get('/orders', `Bearer ${strange}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
    expect(issuer.asked).toBeLessThanOrEqual(2);
    const before = await issuer.token({ scope: 'orders:read' });
    await issuer.rotate();
    const token = await issuer.token({ scope: 'orders:read' });
    await eventually(async () => {
      expect(await get('/orders', `Bearer ${token}`)).toMatchObject({ status: 200 });
    });
    expect(await get('/orders', `Bearer ${before}`)).toMatchObject({ status: 200 });
    expect(issuer.asked).toBeLessThanOrEqual(3);
  });

  it('that cannot be read: 503, not let in; good again soon after the issuer is', async () => {
    issuer.fails = 500;
    await start({});
    const answer = await withClaims({});
    expect(answer).toMatchObject({ status: 503, type: 'keys-unavailable' });
    issuer.fails = undefined;
    await eventually(async () => expect(await withClaims({})).toMatchObject({ status: 200 }));
  });

  it('go on to count while the issuer is away', async () => {
    await start({});
    expect(await withClaims({})).toMatchObject({ status: 200 });
    issuer.fails = 500;
    expect(await withClaims({ sub: 'another' })).toMatchObject({ status: 200 });
  });
});

describe('OWASP API5, functions', () => {
  it('a route is for its scope alone', async () => {
    await start();
    const answer = await withClaims({ scope: 'orders:read orders:write' }, '/ledger');
    expect(answer).toMatchObject({
      status: 403,
      type: 'insufficient-scope',
      body: { detail: 'it needs the scope ledger:read' },
    });
    expect(answer.challenge).toContain('scope="ledger:read"');
    expect(await withClaims({ scope: 'ledger:read:all' }, '/ledger')).toMatchObject({
      status: 403,
    });
    expect(await withClaims({ scope: undefined }, '/ledger')).toMatchObject({ status: 403 });
    expect(await withClaims({ scope: 'ledger:read' }, '/ledger')).toMatchObject({ status: 200 });
  });

  it("a customer's token goes where a customer may, whatever its scopes", async () => {
    await start();
    const claims = { scope: 'ledger:read ops', customer_id: '1' };
    expect(await withClaims(claims, '/ledger')).toMatchObject({
      status: 403,
      type: 'not-for-customers',
    });
    expect(await withClaims(claims, '/metrics')).toMatchObject({ status: 403 });
  });

  it('a route that declares nothing keeps the service from starting', async () => {
    @Controller()
    class Undeclared {
      @Get('secret')
      secret() {
        return {};
      }
    }
    @Module({
      imports: [ServiceModule.forRoot({ name: 'open-door', config: ServiceConfig })],
      controllers: [Undeclared],
    })
    class UndeclaredModule {}
    const starting = createService(UndeclaredModule, { ...nowhere, ...issuer.settings });
    await expect(
      starting.then(async (made) => made.init().finally(async () => made.close())),
    ).rejects.toThrow("GET /secret says neither @Scope('…') nor @Open('why')");
  });
});
