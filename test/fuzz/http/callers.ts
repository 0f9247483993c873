import type { Random } from '../../../dev/random';
import type { Operation } from './operations';

/** Who asks, as headers: the one place that knows how a caller shows who it is. */
export class Callers {
  constructor(private readonly opsToken: string) {}

  /** For the fuzzer's own questions. */
  operator(): Record<string, string> {
    return { authorization: `Bearer ${this.opsToken}` };
  }

  /** One who may ask this, nearly always. */
  for({ isForOperators }: Operation, random: Random): Record<string, string> {
    if (!isForOperators) return {};
    return random.chance(0.9) ? this.operator() : this.stranger(random);
  }

  stranger(random: Random): Record<string, string> {
    const authorization = random.pick([
      'Bearer another-token',
      'Bearer ',
      'Bearer a b c',
      `Bearer ${'x'.repeat(4_000)}`,
      `Basic ${Buffer.from('guest:guest').toString('base64')}`,
      'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
      'bearer',
    ]);
    return { authorization };
  }
}
