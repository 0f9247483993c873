import { readConfig } from '@tradepost/service';
import { EventReader, TokenIssuer } from '@tradepost/test-kit';
import type { JWTPayload } from 'jose';
import { fetch } from 'undici';
import { ConsoleConfig } from '../src/console.config';
import { AskedService, answerJson, runConsole, type TestConsole } from './run-console';

const client = { AUTH_CLIENT_ID: 'console', AUTH_CLIENT_SECRET: 'a-secret-of-the-client' };
const ofOperator = { sub: 'anna', scope: 'orders:read ops' };

describe('a console with AUTH=jwt', () => {
  let issuer: TokenIssuer;
  let tokens: AskedService;
  let service: AskedService;
  let console: TestConsole;

  beforeAll(async () => {
    issuer = await TokenIssuer.open();
    tokens = await AskedService.start((_request, response) =>
      answerJson(response, { access_token: 'its-own', token_type: 'Bearer', expires_in: 300 }),
    );
    service = await AskedService.start(({ url = '' }, response) => {
      // A report would have to be whole; it is up by its health.
      answerJson(response, { status: 'ok', items: [] }, url.startsWith('/ops/') ? 404 : 200);
    });
    console = await runConsole({
      ...{ ...issuer.settings, ...client, AUTH_TOKEN_URL: `${tokens.url}/token` },
      ...{ SERVICES: `orders=${service.url}`, LOG_LEVEL: 'critical', AUTH_CLOCK_SKEW_S: '0' },
    });
  });
  afterAll(async () => {
    await console.stop();
    await Promise.all([issuer.close(), tokens.stop(), service.stop()]);
  });

  const enter = (token: string) =>
    fetch(`${console.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  const cookieOf = async (claims: JWTPayload) => {
    const response = await enter(await issuer.token(claims));
    expect(response.status).toBe(200);
    return response.headers.get('set-cookie') ?? '';
  };
  const products = async (headers: Record<string, string>) =>
    (await fetch(`${console.url}/api/products`, { headers })).status;
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

  it('says what it asks for, and answers nothing before', async () => {
    const session = await fetch(`${console.url}/api/session`);
    expect(await session.json()).toMatchObject({ wants: 'bearer-token', signedIn: false });
    expect(await products({})).toBe(401);
    expect(await products(await issuer.bearer(ofOperator))).toBe(401);
    expect((await fetch(`${console.url}/metrics`)).status).toBe(401);
  });

  it('lets in whose token has the scope ops, by a cookie that is not the token', async () => {
    const token = await issuer.token(ofOperator);
    const signedIn = await enter(` ${token}\n`);
    expect(await signedIn.json()).toMatchObject({ wants: 'bearer-token', signedIn: true });
    const header = signedIn.headers.get('set-cookie') ?? '';
    expect(header).toMatch(/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    expect(header).not.toContain(token.split('.')[2]);

    expect(await products({ cookie: header })).toBe(200);
    const asked = service.paths.indexOf('/v1/products?limit=100');
    expect(service.authorizations[asked]).toBe('Bearer its-own');
  });

  it.each([
    ['anna', 'anna, console 127.0.0.1'],
    ['Åsa\nKöhler|', '?sa?K?hler|, console 127.0.0.1'],
  ])('%j is named to the services for what is done', async (sub, by) => {
    const cookie = await cookieOf({ ...ofOperator, sub });
    const response = await fetch(`${console.url}/api/handlers/pause`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ service: 'orders', queue: 'orders.any' }),
    });
    expect(response.status).toBe(200);
    expect(service.operators[service.paths.indexOf('/ops/handlers/pause')]).toBe(by);
    service.paths.length = service.operators.length = service.authorizations.length = 0;
  });

  it.each<[string, JWTPayload, number, string]>([
    ['without the scope', { scope: 'orders:read logs:read' }, 403, 'insufficient-scope'],
    ["of a customer's", { scope: 'ops', customer_id: '1' }, 403, 'not-for-customers'],
    ['that has expired', { scope: 'ops', exp: inSeconds(-60) }, 401, 'invalid-token'],
    ['for others', { scope: 'ops', aud: 'another-shop' }, 401, 'invalid-token'],
  ])('refuses a token %s', async (_what, claims, status, type) => {
    await refused(await issuer.token(claims), status, type);
  });

  it('refuses what is no token, the secret of its client among it', async () => {
    await refused(client.AUTH_CLIENT_SECRET, 401, 'invalid-token');
    await refused('undefined', 401, 'invalid-token');
  });

  it('ends a session, and what streams in it, with its token', async () => {
    const exp = inSeconds(3);
    const cookie = await cookieOf({ ...ofOperator, exp });
    const page = await EventReader.open(`${console.url}/api/live`, { cookie });
    expect(page.status).toBe(200);

    expect(await page.ended).toBe('whole');
    expect(Date.now()).toBeGreaterThan((exp - 1) * 1_000);
    expect(await products({ cookie })).toBe(401);
  });

  it('ends a session after 12 hours, though its token goes on', async () => {
    const cookie = await cookieOf({ ...ofOperator, exp: inSeconds(30 * 86_400) });
    expect(cookie).toContain('Max-Age=43200;');
  });

  async function refused(token: string, status: number, type: string): Promise<void> {
    const response = await enter(token);
    expect(response.status).toBe(status);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.json()).toMatchObject({ type: expect.stringMatching(`/${type}$`) });
  }
});

it('a console with AUTH=jwt does not start without a client', () => {
  const environment = {
    ...{ AMQP_URL: 'amqp://a:b@127.0.0.1', SERVICES: 'orders=http://127.0.0.1:1' },
    ...{ AUTH: 'jwt', AUTH_JWKS_URL: 'http://127.0.0.1:1/keys' },
    ...{ AUTH_ISSUER: 'http://127.0.0.1:1', AUTH_AUDIENCE: 'tradepost' },
  };
  const start = () => readConfig('console', ConsoleConfig, environment);

  expect(start).toThrow(/3 variables are wrong[^]*AUTH_TOKEN_URL[^]*_ID[^]*_SECRET/);
});
