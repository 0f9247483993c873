import { createHmac, KeyObject, sign } from 'node:crypto';
import type { TokenIssuer } from '@tradepost/test-kit';
import type { Random } from '../../../dev/random';
import type { OddValues } from '../values/odd';

type Claims = Record<string, unknown>;
type Forgery = (random: Random, odd: OddValues) => string;

const lifeSeconds = 7_200;

/** Tokens of an issuer whose key (Ed25519) it has: good ones, and those that nobody may take. */
export class Tokens {
  private readonly key: KeyObject;
  private readonly publicKey: string;
  private readonly kid: string;
  private readonly claims: Claims;

  constructor({ key, url, settings }: TokenIssuer) {
    this.key = KeyObject.from(key.privateKey);
    this.publicKey = JSON.stringify(key.jwk);
    this.kid = key.kid;
    const iat = Math.floor(Date.now() / 1_000);
    const exp = iat + lifeSeconds;
    this.claims = { iss: url, aud: settings.AUTH_AUDIENCE, sub: 'fuzz', iat, exp };
  }

  of(claims: Claims = {}): string {
    return this.signed({ ...this.claims, ...claims });
  }

  /** With an identity that no issuer would think of, and claims of any kind beside. */
  strange(random: Random, odd: OddValues, scope: string): string {
    const name = random.pick(['sub', 'customer_id']);
    return this.of({ scope, [odd.text(random)]: odd.value(random), [name]: odd.text(random) });
  }

  bad(random: Random, odd: OddValues): string {
    return random.pick(this.forgeries)(random, odd);
  }

  private readonly forgeries: Forgery[] = [
    (random) => this.of({ [random.pick(['iss', 'aud', 'sub', 'exp'])]: undefined }),
    (random, odd) => this.of({ [random.pick(['iss', 'aud'])]: `x${odd.text(random)}` }),
    (random, odd) => this.of({ [random.pick(['iss', 'aud'])]: { a: odd.value(random) } }),
    (random) => this.of({ sub: random.pick([7, null, [], {}, '', 'x'.repeat(300)]) }),
    (random) => this.of({ exp: random.pick([-1, 0, 1_500_000_000, '9999999999', null, [], 'x']) }),
    (random) => this.of({ nbf: random.pick([9_999_999_999, '0', {}]) }),
    (random) => this.of({ customer_id: random.pick([1, null, '', [], {}, 'x'.repeat(300)]) }),
    (random) => this.of({ scope: random.pick([1, null, ['ops'], {}]) }),
    (random, odd) => this.of({ scope: 'ops '.repeat(2_500), [odd.text(random)]: 1 }),
    (random, odd) => this.signed(this.claims, { alg: `x${odd.text(random)}` }),
    (random) => this.signed(this.claims, { alg: random.pick(['ES256', 'RS256', 'none', null]) }),
    (random, odd) => this.signed(this.claims, { kid: `x${odd.text(random)}` }),
    (random) => this.signed(this.claims, { kid: random.pick([null, 1, '', {}]) }),
    () => this.signed(this.claims, { kid: undefined }),
    (random, odd) => this.signed(this.claims, { typ: `x${odd.text(random)}` }),
    (random) => this.signed(this.claims, { crit: random.pick([['b64'], ['x'], [], 'x']), x: 1 }),
    (random, odd) => this.signed(odd.value(random)),
    () => this.unsigned('none', () => ''),
    () => this.unsigned('HS256', (text) => hmac(this.publicKey, text)),
    (random) => this.flipped(random),
    (random) => this.cut(random),
    (random, odd) => `${this.of()}.${base64(odd.text(random))}`,
    (random, odd) => [1, 2, 3].map(() => base64(odd.text(random))).join('.'),
  ];

  private signed(claims: unknown, header: object = {}): string {
    const head = { alg: 'EdDSA', kid: this.kid, ...header };
    const text = [head, claims].map((part) => base64(JSON.stringify(part))).join('.');
    return `${text}.${sign(null, Buffer.from(text), this.key).toString('base64url')}`;
  }

  private unsigned(alg: string, signature: (text: string) => string): string {
    const head = { alg, kid: this.kid };
    const text = [head, this.claims].map((part) => base64(JSON.stringify(part))).join('.');
    return `${text}.${signature(text)}`;
  }

  /** One bit of the claims or of the signature. */
  private flipped(random: Random): string {
    const parts = this.of().split('.');
    const at = random.pick([1, 2]);
    const bytes = Buffer.from(parts[at] ?? '', 'base64url');
    const bit = random.int(0, bytes.length * 8 - 1);
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    parts[at] = bytes.toString('base64url');
    return parts.join('.');
  }

  private cut(random: Random): string {
    const token = this.of();
    return token.slice(0, random.int(1, token.length - 4));
  }
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64url');
}
