import rateLimit from '@fastify/rate-limit';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Caller } from '../auth/caller';
import type { ServerConfig } from '../config/server-config';
import type { EventStream } from './event-stream';
import { tooManyStreams } from './event-streams';
import { Problem } from './problem';

type Fastify = ReturnType<typeof fastifyOf>;

// Its type is Fastify's own, without a dependency on the package beside Nest's.
const fastifyOf = (adapter: FastifyAdapter) => adapter.getInstance();
type Request = Parameters<ReturnType<Fastify['createRateLimit']>>[0];

interface Reply {
  header(name: string, value: string | number): unknown;
}

const timeWindow = 60_000;
const byTokens = 600;
/** Tokens that are not good, from one address in a minute. */
const failuresMax = 60;
/** Callers and routes that are counted; of more, those seen last. */
const countedMax = 20_000;
const streamsMax = 100;

/** How much one caller may ask. */
export class RequestLimits {
  private readonly perMinute: number | undefined;
  private count?: ReturnType<Fastify['createRateLimit']>;
  private countFailure?: ReturnType<Fastify['createRateLimit']>;
  private readonly streams = new Map<string, number>();

  constructor(adapter: FastifyAdapter, { AUTH, RATE_LIMIT_PER_MINUTE }: ServerConfig) {
    // With AUTH=none all are one caller, and their addresses perhaps one proxy's.
    this.perMinute = RATE_LIMIT_PER_MINUTE ?? (AUTH === 'jwt' ? byTokens : undefined);
    const fastify = fastifyOf(adapter);
    void fastify.register(rateLimit, { global: false });
    fastify.after(() => {
      const common = { timeWindow, cache: countedMax };
      this.countFailure = fastify.createRateLimit({ ...common, max: failuresMax });
      if (this.perMinute === undefined) return;
      const max = this.perMinute;
      this.count = fastify.createRateLimit({ ...common, max, keyGenerator: keyOf });
    });
  }

  /** Whether requests are counted at all. */
  get counts(): boolean {
    return this.perMinute !== undefined;
  }

  /** @throws Problem 429 */
  async request(request: Request, reply: Reply): Promise<void> {
    const counted = await this.count?.(request);
    if (!counted || counted.isAllowed) return;
    const { max, remaining, ttlInSeconds, isExceeded } = counted;
    reply.header('ratelimit-limit', max);
    reply.header('ratelimit-remaining', remaining);
    reply.header('ratelimit-reset', ttlInSeconds);
    if (isExceeded) throw tooManyRequests(`${max} in a minute`, ttlInSeconds);
  }

  /** A token that was not good. @throws Problem 429 when there were many from this address */
  async failure(request: Request): Promise<void> {
    const counted = await this.countFailure?.(request);
    if (!counted || counted.isAllowed || !counted.isExceeded) return;
    throw tooManyRequests(
      `${failuresMax} tokens that are not good in a minute`,
      counted.ttlInSeconds,
    );
  }

  /** @throws Problem 503 when this caller has too many open */
  stream({ id, customer }: Caller, stream: EventStream): void {
    const key = JSON.stringify([id, customer]);
    const open = this.streams.get(key) ?? 0;
    if (open >= streamsMax) {
      stream.destroy();
      throw tooManyStreams();
    }
    this.streams.set(key, open + 1);
    stream.once('close', () => {
      const left = (this.streams.get(key) ?? 1) - 1;
      if (left > 0) this.streams.set(key, left);
      else this.streams.delete(key);
    });
  }
}

/** By route, and by caller; by address where there is no token. */
function keyOf(request: object): string {
  const { caller, ip, method, routeOptions } = request as {
    caller?: Caller;
    ip: string;
    method: string;
    routeOptions: { url?: string };
  };
  const who = caller?.expiresAt === undefined ? ip : JSON.stringify([caller.id, caller.customer]);
  return `${method} ${routeOptions.url ?? ''} ${who}`;
}

function tooManyRequests(detail: string, afterSeconds: number): Problem {
  return new Problem({
    status: 429,
    type: 'too-many-requests',
    title: 'This caller asks too often',
    detail: `more than ${detail}`,
    headers: { 'retry-after': String(afterSeconds) },
  });
}
