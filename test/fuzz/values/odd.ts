import fc from 'fast-check';
import type { Random } from '../../../dev/random';

/** So many are made of each kind; a case picks among them. */
const poolSize = 300;

/** What parsers, databases and languages have stumbled over. */
const notorious = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\uD800',
  'a\uDC00b',
  '\uFEFF',
  '\u202Egnp.exe',
  '\r\nset-cookie: a=b',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  '-0',
  '1e999',
  '0x10',
  'true',
  "' OR 1=1 --",
  "'; DROP TABLE orders; --",
  '%00',
  '%',
  '%zz',
  '../../../etc/passwd',
  '${jndi:ldap://127.0.0.1/a}',
  '{{7*7}}',
  '<script>alert(1)</script>',
  'İ',
  'ﷺ',
  '👩‍👩‍👧‍👦',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A',
  '0000-00-00',
  '9999-12-31T23:59:60Z',
  '2026-02-30T00:00:00Z',
  '+275760-09-13T00:00:00.000Z',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  'http://127.0.0.1:1/',
  'file:///etc/passwd',
];
const numbers = [
  -1,
  0,
  -0,
  0.1,
  1.5,
  1_000,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e-7,
  1e308,
];
const lengths = [65, 201, 256, 501, 1_025, 8_193, 70_000];

/** Values that nobody sends who means well; the same for the same seed. */
export class OddValues {
  private readonly texts: string[];
  private readonly values: unknown[];
  private readonly byPattern = new Map<string, string[]>();

  constructor(private readonly seed: number) {
    const options = { seed, numRuns: poolSize };
    const units = (['grapheme', 'binary', 'binary-ascii'] as const).map((unit) =>
      fc.string({ unit, maxLength: 40 }),
    );
    this.texts = [...notorious, ...fc.sample(fc.oneof(...units), options)];
    this.values = [...numbers, null, true, [], {}, ...fc.sample(fc.jsonValue(), options)];
  }

  text(random: Random): string {
    if (random.chance(0.1))
      return random.pick(['x', 'é', '\u{1F600}']).repeat(random.pick(lengths));
    return random.pick(this.texts);
  }

  number(random: Random): number {
    return random.pick(numbers);
  }

  /** Anything that JSON has; whoever gets it may change it. */
  value(random: Random): unknown {
    return random.chance(0.3) ? this.text(random) : structuredClone(random.pick(this.values));
  }

  /** @returns undefined for a pattern that fast-check cannot follow */
  matching(pattern: string, random: Random): string | undefined {
    let pool = this.byPattern.get(pattern);
    if (!pool) this.byPattern.set(pattern, (pool = this.sampled(pattern)));
    return pool.length > 0 ? random.pick(pool) : undefined;
  }

  private sampled(pattern: string): string[] {
    try {
      const arbitrary = fc.stringMatching(new RegExp(pattern, 'u'));
      return fc.sample(arbitrary, { seed: this.seed, numRuns: poolSize });
    } catch {
      return [];
    }
  }
}
