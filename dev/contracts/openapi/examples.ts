import type { Schema } from '../schema';
import { at, ids } from './shop-samples';

/** Values by the name of a type, of an operation, or of an operation and a status. */
export type Samples = Readonly<Record<string, unknown>>;

/** What texts are in this shop, by the names of their fields. */
const texts: Readonly<Record<string, string>> = {
  ...ids,
  name: 'Paul Jhon',
  email: 'paul.jhon@example.com',
  sku: 'MUG-BLUE',
  customerId: '1',
  reason: 'card_declined',
};
const numbers: Readonly<Record<string, number>> = { amount: 2500, total: 2500, unitPrice: 1250 };
/** Types may have themselves in them. */
const depthMax = 10;

/** Examples of answers: samples written by hand where there are some, the rest by its schema. */
export class Examples {
  constructor(
    private readonly samples: Samples,
    private readonly schemas: Readonly<Record<string, Schema>>,
  ) {}

  of(operation: string, status: number, schema: Schema): unknown {
    return this.samples[`${operation} ${status}`] ?? this.samples[operation] ?? this.made(schema);
  }

  /** With what is required alone. */
  private made(schema: Schema, name = '', depth = 0): unknown {
    const { $ref, anyOf, type, items, properties = {}, required = [] } = schema;
    if ($ref !== undefined) {
      const named = $ref.slice($ref.lastIndexOf('/') + 1);
      return this.samples[named] ?? this.made(this.schemas[named] ?? {}, name, depth);
    }
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum[0];
    if (anyOf?.[0]) return this.made(anyOf[0], name, depth);
    const kind = [type].flat()[0];
    if (kind === 'array') {
      return items && depth < depthMax ? [this.made(items, name, depth + 1)] : [];
    }
    if (kind === 'object') {
      const fields = Object.entries(properties).filter(([field]) => required.includes(field));
      return Object.fromEntries(
        fields.map(([field, one]) => [field, this.made(one, field, depth + 1)]),
      );
    }
    if (name === 'nextCursor') return null;
    if (kind === 'string') return textOf(name, schema);
    if (kind === 'number' || kind === 'integer') return numbers[name] ?? 1;
    return kind === 'boolean' ? true : null;
  }
}

function textOf(name: string, { format }: Schema): string {
  if (format === 'date-time' || name.endsWith('At') || name === 'at') return at(0);
  return texts[name] ?? (name.endsWith('Id') || format === 'uuid' ? ids.id : name);
}
