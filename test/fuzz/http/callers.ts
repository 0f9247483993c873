import { TokenIssuer } from '@tradepost/test-kit';
import type { Random } from '../../../dev/random';
import { scopes } from '@tradepost/service';
import type { OddValues } from '../values/odd';
import type { Operation } from './operations';
import { Tokens } from './tokens';

/** How one shows who it is, and what may come of that alone. */
export interface Shown {
  headers: Record<string, string>;
  /** `unknown`: 401, or 429 after many; `forbidden`: 403. */
  is: 'any' | 'unknown' | 'forbidden';
}

const everything = scopes.join(' ');
const ofCustomers = ['orders:read', 'orders:write'];

/** Who asks: the one place that knows how a caller shows who it is. */
export class Callers {
  private readonly tokens: Tokens;

  private constructor(private readonly issuer: TokenIssuer) {
    this.tokens = new Tokens(issuer);
  }

  static async open(): Promise<Callers> {
    const issuer = await TokenIssuer.open();
    // Its signatures are the same each time, as a case is.
    await issuer.rotate({ keep: false, alg: 'EdDSA' });
    return new Callers(issuer);
  }

  /** Of the services. */
  get settings(): TokenIssuer['settings'] {
    return this.issuer.settings;
  }

  /** For the fuzzer's own questions. */
  operator(): Record<string, string> {
    return bearer(this.tokens.of({ scope: everything }));
  }

  /** One who may ask this, mostly. */
  for({ scope }: Operation, random: Random, odd: OddValues): Shown {
    const roll = random.next();
    if (scope === undefined) {
      return { headers: roll < 0.9 ? {} : this.unknown(random, odd), is: 'any' };
    }
    if (roll < 0.1) return { headers: this.unknown(random, odd), is: 'unknown' };
    if (roll < 0.15) return { headers: this.without(scope, random), is: 'forbidden' };
    if (roll < 0.22) {
      return { headers: bearer(this.tokens.strange(random, odd, everything)), is: 'any' };
    }
    if (roll < 0.28) return this.customer(scope, random);
    return { headers: this.operator(), is: 'any' };
  }

  async close(): Promise<void> {
    await this.issuer.close();
  }

  private without(scope: string, random: Random): Record<string, string> {
    const others = scopes.filter((one) => one !== scope && random.chance(0.5));
    return bearer(this.tokens.of({ scope: others.join(' ') }));
  }

  private customer(scope: string, random: Random): Shown {
    const claims = { customer_id: random.pick(['1', '2']), scope: ofCustomers.join(' ') };
    const is = ofCustomers.includes(scope) ? 'any' : 'forbidden';
    return { headers: bearer(this.tokens.of(claims)), is };
  }

  private unknown(random: Random, odd: OddValues): Record<string, string> {
    if (random.chance(0.7)) return bearer(this.tokens.bad(random, odd));
    const token = this.tokens.of();
    const authorization = random.pick([
      `Bearer ${'x'.repeat(4_000)}`,
      `Bearer ${token} ${token}`,
      `Bearer,${token}`,
      `DPoP ${token}`,
      `Basic ${Buffer.from('guest:guest').toString('base64')}`,
      'Bearer ',
      'bearer',
      '',
    ]);
    return { authorization };
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
