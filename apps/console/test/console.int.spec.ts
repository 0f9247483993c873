import { EventReader, eventually } from '@tradepost/test-kit';
import { fetch } from 'undici';
import type { System } from '../src/api/live';
import { Poller } from '../src/live/poller';
import { AskedService, answerJson, runConsole, type TestConsole } from './run-console';

const token = 'the-ops-token-of-all';
const json = { 'content-type': 'application/json' };

describe('a closed console', () => {
  let service: AskedService;
  let console: TestConsole;

  beforeAll(async () => {
    service = await AskedService.start((_request, response) => answerJson(response, { items: [] }));
    console = await runConsole({ SERVICES: `orders=${service.url}`, OPS_TOKEN: token });
  });
  afterAll(async () => {
    await console.stop();
    await service.stop();
  });

  const signIn = (given: string, headers: Record<string, string> = {}) =>
    fetch(`${console.url}/api/session`, {
      method: 'POST',
      headers: { ...json, ...headers },
      body: JSON.stringify({ token: given }),
    });

  it.each([
    '/api/orders',
    '/api/live',
    '/api/products',
    '/%61pi/orders',
    '/api/dead-letters',
    '/api/topology',
  ])('does not answer %s to who has not signed in', async (path) => {
    const before = service.paths.length;
    const response = await fetch(`${console.url}${path}`);
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(service.paths).toHaveLength(before);
  });

  it('has a page and a health for everybody, and an address for signing in', async () => {
    expect((await fetch(`${console.url}/orders/123?tab=x`)).status).toBe(200);
    const health = await fetch(`${console.url}/health/ready`);
    expect(await health.json()).toMatchObject({
      status: 'ok',
      checks: { broker: { status: 'ok' } },
    });
    const session = await fetch(`${console.url}/api/session`);
    expect(await session.json()).toMatchObject({ open: false, signedIn: false, drills: false });
  });

  it('refuses another token', async () => {
    const response = await signIn('not-the-token');
    expect(response.status).toBe(401);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('answers who has signed in, with the ops token towards services', async () => {
    const signedIn = await signIn(token);
    expect(await signedIn.json()).toMatchObject({ signedIn: true });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const response = await fetch(`${console.url}/api/products`, { headers: { cookie } });
    expect(await response.json()).toEqual({ items: [] });
    expect(service.paths).toContain('/v1/products?limit=100');
  });

  it.each([
    ['a form of another site', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['another origin', { ...json, origin: 'https://evil.example' }, 403],
    ['another site', { ...json, 'sec-fetch-site': 'cross-site' }, 403],
  ])('takes nothing from %s', async (_what, headers, status) => {
    expect((await signIn(token, headers)).status).toBe(status);
  });

  it('serves a document that lets in nothing from elsewhere, with a nonce of its own', async () => {
    const [one, other] = await Promise.all([fetch(console.url), fetch(console.url)]);
    const policy = one.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'self'; style-src 'self' 'nonce-[^']+';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(other.headers.get('content-security-policy')).not.toBe(policy);
    expect(await one.text()).not.toContain('%NONCE%');
  });

  it('gives its metrics to who has not signed in', async () => {
    const response = await fetch(`${console.url}/metrics`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('messaging_connection_up{connection="consuming"}');
  });

  it('has no page where an address is none', async () => {
    for (const path of ['/api/nothing', '/health/nothing', '/assets/none.js', '/favicon.ico']) {
      const response = await fetch(`${console.url}${path}`);
      expect([path, response.status]).toEqual([path, 404]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });
});

describe('an open console', () => {
  let service: AskedService;
  let console: TestConsole;

  beforeAll(async () => {
    service = await AskedService.start(({ url = '' }, response) => {
      if (url === '/health/ready') return answerJson(response, { status: 'ok', checks: {} });
      answerJson(response, {}, 404);
    });
    const env = { SERVICES: `till=${service.url},gone=http://127.0.0.1:1`, CONSOLE_OPEN: 'true' };
    console = await runConsole(env);
  });
  afterAll(async () => {
    await console.stop();
    await service.stop();
  });

  const hostOf = async (host: string) =>
    (await console.app.inject({ url: '/api/session', headers: { host } })).statusCode;

  it('answers to names of this machine alone', async () => {
    for (const host of ['localhost:3006', '127.0.0.1', '[::1]:3006', 'shop.localhost']) {
      expect([host, await hostOf(host)]).toEqual([host, 200]);
    }
    for (const host of ['evil.example', 'localhost.evil.example', '10.0.0.1']) {
      expect([host, await hostOf(host)]).toEqual([host, 403]);
    }
  });

  it('asks nobody anything until a page is open, and nobody any more when the last has gone', async () => {
    expect(service.paths).toEqual([]);

    const pages = await Promise.all([open(), open()]);
    await eventually(() => expect(service.paths).toContain('/ops/service'), { withinMs: 5_000 });
    const told = ({ events }: EventReader) => events.filter(({ event }) => event === 'system');
    await eventually(() => expect(pages.every((page) => told(page).length > 1)).toBe(true));

    pages.forEach((page) => page.leave());
    // A page that is loaded anew is expected back for some seconds.
    await eventually(
      async () => {
        const before = service.paths.length;
        const session = await fetch(`${console.url}/api/session`);
        await session.json();
        expect(console.app.get(Poller).isRunning).toBe(false);
        expect(service.paths).toHaveLength(before);
      },
      { withinMs: 15_000 },
    );
  });

  it('tells of a service that is up and of one that is down', async () => {
    const page = await open();
    const states = () => {
      const system = page.events.findLast(({ event }) => event === 'system')?.data as System;
      return system.services.map(({ name, state }) => [name, state]);
    };
    await eventually(
      () =>
        expect(states()).toEqual([
          ['till', 'ready'],
          ['gone', 'down'],
        ]),
      { withinMs: 5_000 },
    );
    const last = page.events.at(-1)?.data as System;
    expect(last.headline).toMatchObject({
      tone: 'failed',
      text: expect.stringContaining('gone is down'),
    });
    page.leave();
  });

  it('says of a question to a service that is away who is away', async () => {
    const response = await fetch(`${console.url}/api/orders`);
    expect(response.status).toBe(404);
    const drills = await fetch(`${console.url}/api/drills`);
    expect(await drills.json()).toMatchObject({ available: false });
  });

  it('ends its streams when it stops', async () => {
    const page = await open();
    await console.app.close();
    expect(await page.ended).toBe('whole');
  });

  async function open(): Promise<EventReader> {
    const page = await EventReader.open(`${console.url}/api/live`);
    expect(page.status).toBe(200);
    return page;
  }
});
