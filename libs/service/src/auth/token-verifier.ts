import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import { createHash } from 'node:crypto';
import { Problem } from '../http/problem';
import { invalidToken } from './auth-problems';
import type { Caller } from './caller';
import { IssuerKeys } from './issuer-keys';

export interface TokenRules {
  jwksUrl: string;
  jwksIntervalMs: number;
  issuer: string;
  audience: string;
  clockSkewSeconds: number;
}

/** Signatures by a private key alone: no secret that a checker would have to know. */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const types = [undefined, 'JWT', 'at+jwt', 'application/at+jwt'];
const tokenMax = 8_192;
const nameMax = 255;
/** A check is of a signature, on the path of every request; a caller's next one costs a hash. */
const knownMax = 1_000;
/** A key that is withdrawn ends its tokens, if not at once. */
const knownMs = 60_000;

interface Known {
  caller: Caller;
  until: number;
}

/** Checks bearer tokens against the keys of the issuer. */
export class TokenVerifier {
  private readonly known = new Map<string, Known>();
  private readonly keys: IssuerKeys;

  constructor(private readonly rules: TokenRules) {
    this.keys = new IssuerKeys(rules.jwksUrl, rules.jwksIntervalMs);
  }

  /** @throws Problem 401 (it is not valid), 503 (nobody can say now) */
  async verify(token: string): Promise<Caller> {
    if (token.length > tokenMax) throw invalidToken(`it is longer than ${tokenMax} characters`);
    // Tokens themselves are not kept: memory may be dumped.
    const digest = createHash('sha256').update(token).digest('base64');
    const known = this.known.get(digest);
    if (known && known.until > Date.now()) return known.caller;
    const caller = await this.check(token);
    this.keep(digest, caller);
    return caller;
  }

  private async check(token: string): Promise<Caller> {
    const { issuer, audience, clockSkewSeconds: clockTolerance } = this.rules;
    const keyOf = async (header: JWTHeaderParameters) => this.keys.keyFor(readHeader(header));
    try {
      const { payload } = await jwtVerify(token, keyOf, {
        ...{ algorithms, issuer, audience, clockTolerance },
        requiredClaims: ['exp', 'sub'],
      });
      return callerOf(payload, clockTolerance);
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw invalidToken(reasonOf(error));
    }
  }

  private keep(digest: string, caller: Caller): void {
    this.known.delete(digest);
    const [oldest] = this.known.keys();
    if (this.known.size >= knownMax && oldest !== undefined) this.known.delete(oldest);
    const until = Math.min(Date.now() + knownMs, caller.expiresAt ?? 0);
    this.known.set(digest, { caller, until });
  }
}

/** Of a header only `alg` and `kid` count: keys in it, or addresses of keys, are the sender's. */
function readHeader({ alg, kid, typ }: JWTHeaderParameters): JWTHeaderParameters {
  if (!types.includes(typ)) throw invalidToken('it is of another type');
  if (typeof kid !== 'string' || kid === '' || kid.length > nameMax) {
    throw invalidToken('it names no key');
  }
  return { alg, kid };
}

function callerOf(payload: JWTPayload, clockSkewSeconds: number): Caller {
  const { sub, exp = 0, scope = '', customer_id: customer } = payload;
  if (!isName(sub)) throw invalidToken('it names no caller');
  if (typeof scope !== 'string') throw invalidToken('its scopes are no text');
  // A claim that cannot be read must not make a customer somebody who sees everything.
  if (customer !== undefined && !isName(customer)) throw invalidToken('it names no customer');
  return {
    id: sub,
    scopes: new Set(scope.split(' ')),
    ...(customer !== undefined && { customer }),
    expiresAt: (exp + clockSkewSeconds) * 1_000,
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= nameMax;
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error;
    if (claim === 'nbf' && reason === 'check_failed') return 'it is not valid yet';
    return reason === 'missing' ? `it has no ${claim}` : `its ${claim} is not the one wanted here`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not allowed here';
  if (error instanceof errors.JWKSNoMatchingKey) return 'its key is unknown';
  return 'it is malformed, or its signature is not right';
}
