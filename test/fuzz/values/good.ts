import type { Random } from '../../../dev/random';
import type { Schema } from '../../../dev/contracts/schema';
import type { OddValues } from './odd';

/** Of what is there: ids and the like, by the name of the field that holds one. */
export type Known = Readonly<Record<string, readonly string[]>>;

const depthMax = 8;
const words = ['mug', 'blue', 'Ada Example', 'tok_visa', 'changed my mind', 'étagère', '木'];
const itemsUsual = 3;

/** Values as a schema has them, nearly always: ajv is the judge of each. */
export class GoodValues {
  constructor(
    private readonly schemas: Readonly<Record<string, Schema>>,
    private readonly odd: OddValues,
    private readonly known: Known,
  ) {}

  of(schema: Schema, random: Random, name = '', depth = 0): unknown {
    const { $ref, allOf, anyOf, items, minItems = 0, maxItems = Infinity } = schema;
    if ($ref !== undefined) return this.of(this.named($ref), random, name, depth);
    if (allOf?.[0]) return this.of(allOf[0], random, name, depth);
    if (anyOf) return this.of(random.pick(anyOf), random, name, depth);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return random.pick(schema.enum);
    const types = [schema.type ?? 'object'].flat();
    // A null is mostly as good as nothing.
    const type = random.chance(0.9) ? types[0] : random.pick(types);
    if (type === 'integer' || type === 'number') return numberOf(schema, random);
    if (type === 'string') return this.textOf(schema, random, name);
    if (type === 'boolean') return random.chance(0.5);
    if (type === 'null') return null;
    if (type === 'object') return this.objectOf(schema, random, depth);
    const usual = random.int(minItems, Math.max(minItems, Math.min(maxItems, itemsUsual)));
    const count = random.chance(0.01) && maxItems < Infinity ? maxItems : usual;
    if (!items || depth > depthMax) return [];
    return Array.from({ length: count }, () => this.of(items, random, name, depth + 1));
  }

  private named(ref: string): Schema {
    return this.schemas[ref.slice(ref.lastIndexOf('/') + 1)] ?? {};
  }

  private objectOf(schema: Schema, random: Random, depth: number): object {
    const { properties, required = [], additionalProperties } = schema;
    if (!properties) {
      if (typeof additionalProperties !== 'object') return { note: this.odd.value(random) };
      return { orderId: this.of(additionalProperties, random, 'orderId', depth + 1) };
    }
    const fields = Object.entries(properties).filter(
      ([field]) => required.includes(field) || random.chance(0.5),
    );
    return Object.fromEntries(
      fields.map(([field, one]) => [field, this.of(one, random, field, depth + 1)]),
    );
  }

  private textOf(schema: Schema, random: Random, name: string): string {
    const { format, pattern, minLength = 0, maxLength = 200 } = schema;
    const there = Object.hasOwn(this.known, name) ? (this.known[name] ?? []) : [];
    if (there.length > 0 && random.chance(0.4)) return random.pick(there);
    if (format === 'uuid') return uuidOf(random);
    if (format === 'email') return `${random.int(1, 1e9)}@example.com`;
    const isTime = format === 'date-time' || pattern?.includes('-\\d\\d');
    if (isTime) return new Date(1.7e12 + random.int(0, 1e11)).toISOString();
    if (pattern !== undefined) return this.odd.matching(pattern, random) ?? random.pick(words);
    if (random.chance(0.1)) return 'x'.repeat(random.pick([minLength, maxLength]));
    const text = random.chance(0.2) ? this.odd.text(random) : random.pick(words);
    return text.slice(0, maxLength).padEnd(minLength, 'x');
  }
}

/** A version 4, of these random numbers. */
export function uuidOf(random: Random): string {
  const hex = () => random.int(0, 0xffff).toString(16).padStart(4, '0');
  const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, hex);
  return `${a}${b}-${c}-4${d?.slice(1)}-a${e?.slice(1)}-${f}${g}${h}`;
}

function numberOf({ minimum = -1_000, maximum = 1_000_000 }: Schema, random: Random): number {
  if (random.chance(0.1)) return random.pick([minimum, maximum]);
  return random.int(minimum, Math.min(maximum, Math.max(minimum, 0) + 10_000));
}
