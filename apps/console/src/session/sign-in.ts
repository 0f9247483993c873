import { Injectable } from '@nestjs/common';
import { admit, Problem, type TokenVerifier, verifierOf } from '@tradepost/service';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ConsoleConfig } from '../console.config';

const name = 'tradepost_console';
/** Longer than a night on call. */
const validMs = 12 * 3_600_000;

export interface Entered {
  /** Epoch milliseconds: a stream ends then. */
  until: number;
  /** The token's `sub`; an ops token is nobody's in particular. */
  caller?: string;
}

/**
 * A token is asked for once: a cookie then says whose it was and until when it counts, signed with
 * a key made of a secret that each replica has. Nothing is kept here: a restart signs nobody out,
 * and a new secret everybody. With AUTH=jwt it is not the token itself, which services on this host
 * would get too.
 */
@Injectable()
export class SignIn {
  readonly isOpen: boolean;
  /** With AUTH=jwt: checks what is given. */
  private readonly verifier: TokenVerifier | undefined;
  private readonly opsToken: string | undefined;
  private readonly secret: string | undefined;

  constructor(config: ConsoleConfig) {
    this.isOpen = config.CONSOLE_OPEN;
    this.verifier = verifierOf(config);
    this.opsToken = config.OPS_TOKEN;
    this.secret = this.verifier ? config.AUTH_CLIENT_SECRET : config.OPS_TOKEN;
  }

  /** What is to be given. */
  get wants(): 'ops-token' | 'bearer-token' {
    return this.verifier ? 'bearer-token' : 'ops-token';
  }

  /** @throws Problem 401, 403; 503 (nobody can say now) */
  async enter(token: string, now = Date.now()): Promise<Entered> {
    const until = now + validMs;
    if (!this.verifier) {
      if (this.opsToken !== undefined && isSame(token, this.opsToken)) return { until };
      throw wrongToken();
    }
    const caller = await this.verifier.verify(token);
    admit(caller, { scope: 'ops' });
    return { until: Math.min(until, caller.expiresAt ?? now), caller: caller.id };
  }

  /** Undefined: there is none, or it has ended. */
  sessionIn(cookies: string | undefined, now = Date.now()): Entered | undefined {
    if (this.isOpen) return { until: Infinity };
    const [until = '', name = '', signature = ''] = valueIn(cookies)?.split('.') ?? [];
    if (!isSame(signature, this.signatureOf(`${until}.${name}`))) return undefined;
    if (Number(until) <= now) return undefined;
    const caller = Buffer.from(name, 'base64url').toString();
    return { until: Number(until), ...(caller !== '' && { caller }) };
  }

  /** The header of an answer that signs in. */
  cookie({ until, caller = '' }: Entered, isSecure: boolean, now = Date.now()): string {
    const session = `${until}.${Buffer.from(caller).toString('base64url')}`;
    const value = `${session}.${this.signatureOf(session)}`;
    const secure = isSecure ? '; Secure' : '';
    const seconds = Math.ceil((until - now) / 1_000);
    return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  }

  private signatureOf(session: string): string {
    const key = createHash('sha256').update(`console ${this.secret}`).digest();
    return createHmac('sha256', key).update(session).digest('base64url');
  }
}

function wrongToken(): Problem {
  return new Problem({ status: 401, type: 'wrong-token', title: 'That is not the ops token' });
}

function valueIn(cookies = ''): string | undefined {
  const [, value] = new RegExp(String.raw`(?:^|;\s*)${name}=([\w.-]+)`).exec(cookies) ?? [];
  return value;
}

// Digests are of one length, so that the time it takes says nothing of the secret.
function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
