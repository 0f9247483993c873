import { readConfig } from '@tradepost/service';
import { EventReader, eventually, openToAll } from '@tradepost/test-kit';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetch } from 'undici';
import { ConsoleConfig } from '../src/console.config';
import { AskedService, answerJson, runConsole, type TestConsole } from './run-console';

const opsToken = 'the-ops-token-of-all';
const loginBy = (secret: string) => `Basic ${Buffer.from(`console:${secret}`).toString('base64')}`;
const login = loginBy('secret');

describe('a console with a client of its own', () => {
  let issuerIsAway = false;
  let tokenSeconds = 300;
  let good = login;
  let issuer: AskedService;
  let service: AskedService;
  let console: TestConsole;

  beforeAll(async () => {
    issuer = await AskedService.start(({ headers }, response) => {
      if (issuerIsAway) return answerJson(response, {}, 503);
      if (headers.authorization !== good) return answerJson(response, {}, 401);
      const body = { access_token: 'its-token', token_type: 'Bearer', expires_in: tokenSeconds };
      answerJson(response, body);
    });
    service = await AskedService.start(({ url = '' }, response) => {
      // A report would have to be whole; it is up by its health.
      answerJson(response, { status: 'ok', items: [] }, url.startsWith('/ops/') ? 404 : 200);
    });
  });
  afterAll(() => Promise.all([issuer.stop(), service.stop()]));
  afterEach(() => console.stop());

  const start = async (secret: Record<string, string> = { AUTH_CLIENT_SECRET: 'secret' }) => {
    issuer.authorizations.length = 0;
    service.authorizations.length = 0;
    service.paths.length = 0;
    console = await runConsole({
      SERVICES: `orders=${service.url},log-sink=${service.url}`,
      CONSOLE_OPEN: 'true',
      OPS_TOKEN: opsToken,
      AUTH_TOKEN_URL: `${issuer.url}/token`,
      AUTH_CLIENT_ID: 'console',
      ...secret,
    });
  };

  it('asks services for all by its token, which it has fetched once', async () => {
    await start();
    const pages = await Promise.all(
      ['/api/live', '/api/logs/tail'].map((path) => EventReader.open(`${console.url}${path}`)),
    );
    expect((await fetch(`${console.url}/api/products`)).status).toBe(200);

    await eventually(() => {
      const asked = [/^\/v1\/products/, /^\/v1\/logs\/tail/, /^\/ops\/service/, /^\/ops\/steps/];
      for (const one of asked) expect(service.paths).toContainEqual(expect.stringMatching(one));
    });
    for (const page of pages) page.leave();
    const secured = service.paths.flatMap((path, at) =>
      path.startsWith('/health/') ? [] : [service.authorizations[at]],
    );
    expect(new Set(secured)).toEqual(new Set(['Bearer its-token']));
    expect(issuer.authorizations).toEqual([login]);
  });

  it('goes on when its secret is replaced, by its file, at the issuer first', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'client-secret-'));
    const file = join(folder, 'secret');
    const write = (secret: string) => {
      writeFileSync(`${file}.new`, `${secret}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    };
    const products = async () => (await fetch(`${console.url}/api/products`)).status;
    try {
      write('secret');
      // Its next token is due in no more than a second, and counts for another.
      tokenSeconds = 2;
      await start({ AUTH_CLIENT_SECRET_FILE: file });
      expect(await products()).toBe(200);
      good = loginBy('another');
      await eventually(async () => {
        expect(await products()).toBe(200);
        expect(issuer.authorizations.length).toBeGreaterThan(1);
      });
      write('another');
      await eventually(async () => {
        expect(await products()).toBe(200);
        expect(issuer.authorizations.at(-1)).toBe(good);
      });
      expect(issuer.authorizations[0]).toBe(login);
    } finally {
      [tokenSeconds, good] = [300, login];
      rmSync(folder, { recursive: true });
    }
  });

  it('says that no token is to be had, without the secret', async () => {
    issuerIsAway = true;
    await start();

    const response = await fetch(`${console.url}/api/products`);

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      title: 'the issuer of tokens does not answer',
      detail: `the issuer of tokens: no token from ${issuer.url}/token: 503`,
    });
    expect(service.paths.filter((path) => path.startsWith('/v1/'))).toEqual([]);
  });
});

it('a console does not start with a part of a client', () => {
  const environment = {
    ...{ AMQP_URL: 'amqp://a:b@127.0.0.1', SERVICES: 'orders=http://127.0.0.1:1' },
    ...{ ...openToAll, OPS_TOKEN: opsToken, AUTH_CLIENT_ID: 'console' },
  };
  const start = () => readConfig('console', ConsoleConfig, environment);

  expect(start).toThrow(/2 variables are wrong[^]*AUTH_TOKEN_URL[^]*AUTH_CLIENT_SECRET/);
});
