import { fetch } from 'undici';
import { boundedText } from '../http/bounded-text';

/** Where a program gets its tokens: OAuth 2.0 client credentials (RFC 6749, 4.4). */
export interface ClientCredentials {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
}

/** No token was to be had. Says why, without the secret. */
export class TokenUnavailable extends Error {
  constructor(url: string, why: string) {
    super(`no token from ${url}: ${why}`);
    this.name = 'TokenUnavailable';
  }
}

const timeoutMs = 5_000;
const answerMax = 65_536;
/** Of a token's life, and in any case: so much is left when the next one is fetched. */
const reserve = { share: 0.2, maxMs: 30_000 };
/** A refusal is not asked for again at once. */
const pauseMs = 1_000;

interface Token {
  text: string;
  renewAtMs: number;
  endsAtMs: number;
}

/** One program's token: fetched when it is wanted, by one request at a time, and kept. */
export class ClientToken {
  private token?: Token;
  private fetching?: Promise<Token>;
  private failure?: { error: unknown; untilMs: number };

  constructor(private readonly credentials: ClientCredentials) {}

  /** @throws TokenUnavailable */
  async get(): Promise<string> {
    const { token } = this;
    const nowMs = performance.now();
    if (token !== undefined && nowMs < token.renewAtMs) return token.text;
    try {
      return (await this.next(nowMs)).text;
    } catch (error) {
      // The issuer may be away for a moment: the old one still counts.
      if (token !== undefined && performance.now() < token.endsAtMs) return token.text;
      throw error;
    }
  }

  private async next(nowMs: number): Promise<Token> {
    const { failure } = this;
    if (failure !== undefined && nowMs < failure.untilMs) throw failure.error;
    this.fetching ??= this.fetchToken().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async fetchToken(): Promise<Token> {
    try {
      this.token = await askForToken(this.credentials);
      this.failure = undefined;
      return this.token;
    } catch (error) {
      this.failure = { error, untilMs: performance.now() + pauseMs };
      throw error;
    }
  }
}

async function askForToken({ tokenUrl, clientId, clientSecret }: ClientCredentials) {
  // Each is form-encoded first (RFC 6749, 2.3.1).
  const login = [clientId, clientSecret].map(encodeURIComponent).join(':');
  const askedAtMs = performance.now();
  let status: number;
  let text: string;
  try {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(login).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    status = response.status;
    text = await boundedText(response, answerMax);
  } catch (error) {
    throw new TokenUnavailable(tokenUrl, reasonOf(error));
  }
  const answer = parsed(text);
  if (status !== 200) throw new TokenUnavailable(tokenUrl, refusalIn(status, answer));
  const { access_token: token, expires_in: seconds, token_type: type } = answer;
  const isToken = typeof token === 'string' && /^[\w~+/.=-]+$/.test(token);
  if (!isToken || String(type).toLowerCase() !== 'bearer') {
    throw new TokenUnavailable(tokenUrl, 'its answer has no bearer token');
  }
  // Without a life of its own (it may have none) it is asked for each time.
  const lifeMs = typeof seconds === 'number' && seconds > 0 ? seconds * 1_000 : 0;
  const endsAtMs = askedAtMs + lifeMs;
  const reserveMs = Math.min(lifeMs * reserve.share, reserve.maxMs);
  return { text: token, renewAtMs: endsAtMs - reserveMs, endsAtMs };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function refusalIn(status: number, { error, error_description: more }: Record<string, unknown>) {
  const words = [error, more].filter((one) => typeof one === 'string').join(': ');
  const isLogin = status === 401 || error === 'invalid_client';
  const hint = isLogin ? 'AUTH_CLIENT_ID or AUTH_CLIENT_SECRET is wrong' : '';
  return [`${status}`, words.slice(0, 200), hint].filter((one) => one !== '').join(', ');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer in ${timeoutMs / 1_000} s`;
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  return code ?? message;
}
