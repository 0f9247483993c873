import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClientToken, tokenSourceOf, TokenUnavailable } from '@tradepost/service';

const clientId = 'a client';
const clientSecret = 'one:secret/that+is not shown';

let answer: (response: ServerResponse, count: number) => void;
let requests: { authorization?: string; body: string }[] = [];
const server = createServer((request, response) => {
  void textOf(request).then((body) => {
    requests.push({ authorization: request.headers.authorization, body });
    answer(response, requests.length);
  });
});
let tokenUrl: string;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

beforeEach(() => {
  requests = [];
  answer = (response, count) => send(response, 200, bearer(`token-${count}`));
});

afterEach(() => jest.restoreAllMocks());

describe('a program’s token', () => {
  it('is fetched once for many, with its login encoded as the RFC says', async () => {
    const token = new ClientToken({ tokenUrl, clientId, clientSecret });

    const given = await Promise.all(Array.from({ length: 10 }, () => token.get()));

    expect(new Set(given)).toEqual(new Set(['token-1']));
    expect(requests).toEqual([
      { authorization: expect.any(String), body: 'grant_type=client_credentials' },
    ]);
    const [, login = ''] = requests[0]?.authorization?.split(' ') ?? [];
    expect(Buffer.from(login, 'base64').toString()).toBe(
      'a%20client:one%3Asecret%2Fthat%2Bis%20not%20shown',
    );
  });

  it('is fetched anew shortly before it ends', async () => {
    const token = new ClientToken({ tokenUrl, clientId, clientSecret });
    expect(await token.get()).toBe('token-1');

    later(269);
    expect(await token.get()).toBe('token-1');
    later(271);
    expect(await token.get()).toBe('token-2');
  });

  it('counts to its end while the issuer is away, and no longer', async () => {
    const token = new ClientToken({ tokenUrl, clientId, clientSecret });
    await token.get();
    answer = (response) => send(response, 503, {});

    later(299);
    expect(await token.get()).toBe('token-1');
    later(301);
    await expect(token.get()).rejects.toThrow(`no token from ${tokenUrl}: 503`);
  });

  it('that has no life of its own is fetched each time', async () => {
    answer = (response, count) =>
      send(response, 200, { ...bearer(`${count}`), expires_in: undefined });
    const token = new ClientToken({ tokenUrl, clientId, clientSecret });

    expect([await token.get(), await token.get()]).toEqual(['1', '2']);
  });

  it('is not asked for again at once after a refusal', async () => {
    answer = (response) => send(response, 401, { error: 'invalid_client' });
    const token = new ClientToken({ tokenUrl, clientId, clientSecret });
    const why = '401, invalid_client, AUTH_CLIENT_ID or AUTH_CLIENT_SECRET is wrong';

    await expect(token.get()).rejects.toThrow(why);
    await expect(token.get()).rejects.toThrow(why);
    expect(requests).toHaveLength(1);

    later(2);
    await expect(token.get()).rejects.toThrow(why);
    expect(requests).toHaveLength(2);
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['no token', (response) => send(response, 200, {}), 'its answer has no bearer token'],
    [
      'a token that breaks a header',
      (response) => send(response, 200, bearer('a\r\nx: y')),
      'its answer has no bearer token',
    ],
    [
      'a token of another kind',
      (response) => send(response, 200, { ...bearer('a'), token_type: 'mac' }),
      'its answer has no bearer token',
    ],
    [
      'more than it should',
      (response) => send(response, 200, { ...bearer('a'), more: 'x'.repeat(70_000) }),
      'an answer of more than 65536 bytes',
    ],
    [
      'another address',
      (response) => response.writeHead(302, { location: tokenUrl }).end(),
      'unexpected redirect',
    ],
    ['nothing', (response) => response.destroy(), 'UND_ERR_SOCKET'],
  ])('is not had of an issuer that answers %s, and the secret is not told', async (_, how, why) => {
    answer = how;
    const token = new ClientToken({ tokenUrl, clientId, clientSecret });

    const error = await token.get().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(TokenUnavailable);
    expect((error as Error).message).toBe(`no token from ${tokenUrl}: ${why}`);
  });
});

describe('a command’s token', () => {
  const credentials = () => ({
    AUTH_TOKEN_URL: tokenUrl,
    AUTH_CLIENT_ID: clientId,
    AUTH_CLIENT_SECRET: clientSecret,
  });

  it('is AUTH_TOKEN, or by credentials, or of the shop that runs here, or none', async () => {
    const running = { tokenUrl, clientId: 'commands', clientSecret };

    expect(await tokenSourceOf({ AUTH_TOKEN: ' ready\n', ...credentials() })?.()).toBe('ready');
    expect(requests).toHaveLength(0);
    expect(await tokenSourceOf(credentials(), running)?.()).toBe('token-1');
    expect(await tokenSourceOf({}, running)?.()).toBe('token-2');
    expect(tokenSourceOf({})).toBeUndefined();
  });

  it('says which part of its credentials is missing', () => {
    const { AUTH_TOKEN_URL } = credentials();

    expect(() => tokenSourceOf({ AUTH_TOKEN_URL, AUTH_CLIENT_ID: ' ' })).toThrow(
      'AUTH_CLIENT_ID and AUTH_CLIENT_SECRET must be set too',
    );
  });
});

/** So many seconds from now, by the clock that the token looks at. */
function later(seconds: number): void {
  jest.restoreAllMocks();
  const at = performance.now() + seconds * 1_000;
  jest.spyOn(performance, 'now').mockReturnValue(at);
}

function bearer(token: string) {
  return { access_token: token, token_type: 'Bearer', expires_in: 300 };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
