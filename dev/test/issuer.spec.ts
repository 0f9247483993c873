import { createRemoteJWKSet, jwtVerify } from 'jose';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetch } from 'undici';
import { clients } from '../issuer/clients';
import { type Issuer, readIssuer, rotateKeys } from '../issuer/keys';
import { scopesIn } from '../issuer/scopes';
import { IssuerServer } from '../issuer/server';
import { audience, type Claims, tokenOf } from '../issuer/token';

const claims: Claims = {
  ...{ subject: 'customer-1', customerId: '1', lifeSeconds: 60 },
  scope: 'orders:read',
};
let folder: string;
let file: string;
let server: IssuerServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradepost-issuer-'));
  file = join(folder, 'deeper/issuer.json');
  server = await IssuerServer.open(0, file);
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('a token', () => {
  it('is verified as services do it, by the keys that the issuer shows', async () => {
    const { issuer, keys } = await discovered();
    const token = await tokenOf(await readIssuer(file), claims);

    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer, audience });

    expect(payload).toMatchObject({ sub: 'customer-1', customer_id: '1', scope: 'orders:read' });
    expect(payload.exp).toBe(Number(payload.iat) + 60);
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'JWT' });
  });

  it('is nobody’s in particular without a customer', async () => {
    const token = await tokenOf(await readIssuer(file), { ...claims, customerId: undefined });

    expect(Object.keys(payloadOf(token)).sort()).toEqual([
      'aud',
      'exp',
      'iat',
      'iss',
      'jti',
      'scope',
      'sub',
    ]);
  });

  it('outlives one rotation, and not two', async () => {
    const before = await tokenOf(await readIssuer(file), claims);
    const verify = async () => jwtVerify(before, (await discovered()).keys, { audience });

    const kid = await rotateKeys(file);
    const after = await tokenOf(await readIssuer(file), claims);
    expect(headerOf(after).kid).toBe(kid);
    expect(headerOf(before).kid).not.toBe(kid);
    await expect(verify()).resolves.toMatchObject({ payload: { sub: 'customer-1' } });

    await rotateKeys(file);
    await expect(verify()).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });

  it('names the issuer by where it was opened last', async () => {
    const other = join(folder, 'other.json');
    expect((await readIssuer(other)).url).toBe('http://localhost:3100');
    const second = await IssuerServer.open(0, other);
    await second.close();

    const token = await tokenOf(await readIssuer(other), claims);

    expect(payloadOf(token).iss).toBe(second.url);
    expect(second.url).not.toBe('http://localhost:3100');
  });
});

describe('the key set', () => {
  it('has public parts alone', async () => {
    const response = await fetch(`${server.url}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: object[] };

    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    }
  });
});

describe('the file', () => {
  it('is for its owner alone, and the same for all who make it at once', async () => {
    const shared = join(folder, 'shared', 'issuer.json');

    const made = await Promise.all(Array.from({ length: 20 }, () => readIssuer(shared)));

    const kept = JSON.parse(await readFile(shared, 'utf8')) as Issuer;
    for (const one of made) expect(one).toEqual(kept);
    expect(((await stat(shared)).mode & 0o777).toString(8)).toBe('600');
    expect(await readdir(join(folder, 'shared'))).toEqual(['issuer.json']);
  });
});

describe('client credentials', () => {
  it('get a token with all that the client may do, by header or body', async () => {
    const secret = (await readIssuer(file)).clients.console;
    const byBody = await ask({ client_id: 'console', client_secret: secret });
    const byHeader = await ask({}, `console:${secret}`);

    for (const { status, body } of [byBody, byHeader]) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ token_type: 'Bearer', scope: clients.console.join(' ') });
      const { issuer, keys } = await discovered();
      const { payload } = await jwtVerify(String(body.access_token), keys, { issuer, audience });
      expect(payload).toMatchObject({ sub: 'console', scope: clients.console.join(' ') });
      expect(Number(payload.exp) - Number(payload.iat)).toBe(body.expires_in);
    }
  });

  it('get less where they ask for less, and never more', async () => {
    const login = `console:${(await readIssuer(file)).clients.console}`;

    expect((await ask({ scope: 'orders:read ops' }, login)).body.scope).toBe('orders:read ops');
    expect(await ask({ scope: 'orders:read users:write' }, login)).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  it.each([
    ['a wrong secret', 'console:wrong'],
    ['an unknown client', 'nobody:wrong'],
    ['a name that every object has', 'constructor:wrong'],
    ['no login', undefined],
  ])('are refused with %s', async (_what, login) => {
    const { status, body, challenge } = await ask({}, login);

    expect({ status, body }).toEqual({ status: 401, body: { error: 'invalid_client' } });
    expect(challenge).toBe('Basic realm="tradepost"');
  });

  it('are refused with another grant, or a body without end', async () => {
    expect(await ask({ grant_type: 'password' })).toMatchObject({
      status: 400,
      body: { error: 'unsupported_grant_type' },
    });
    expect((await ask({ scope: 'x'.repeat(5_000) })).status).toBe(413);
  });
});

it('takes scopes that there are', () => {
  expect(scopesIn('orders:read,ops  ledger:read')).toBe('orders:read ops ledger:read');
  expect(() => scopesIn('orders:all')).toThrow('"orders:all" is no scope: orders:write');
  expect(() => scopesIn(' ')).toThrow('--scope wants some of: orders:write');
});

interface Metadata {
  issuer: string;
  jwks_uri: string;
  token_endpoint: string;
}

async function metadata(): Promise<Metadata> {
  const response = await fetch(`${server.url}/.well-known/openid-configuration`);
  return (await response.json()) as Metadata;
}

async function discovered() {
  const { issuer, jwks_uri: url } = await metadata();
  expect(issuer).toBe(server.url);
  return { issuer, keys: createRemoteJWKSet(new URL(url)) };
}

async function ask(form: Record<string, string>, login?: string) {
  const { token_endpoint: url } = await metadata();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(login !== undefined && {
        authorization: `Basic ${Buffer.from(login).toString('base64')}`,
      }),
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    challenge: response.headers.get('www-authenticate'),
  };
}

function partOf(token: string, index: number): Record<string, unknown> {
  const part = Buffer.from(token.split('.')[index] ?? '', 'base64url').toString();
  return JSON.parse(part) as Record<string, unknown>;
}

function headerOf(token: string) {
  return partOf(token, 0);
}

function payloadOf(token: string) {
  return partOf(token, 1);
}
