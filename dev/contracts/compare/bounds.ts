import type { Refusal } from './refusals';
import { valuesOf, type Rules } from './schema';

interface Bound {
  /** Of what it bounds. */
  type: 'number' | 'string' | 'array' | 'object';
  side: 'least' | 'most';
  /** Of one of the values that a schema names. */
  measure: (value: unknown) => number;
}

const length = (value: unknown) => [...(value as string)].length;
const count = (value: unknown) => Object.keys(value as object).length;
const bounds: Record<string, Bound> = {
  minimum: { type: 'number', side: 'least', measure: Number },
  maximum: { type: 'number', side: 'most', measure: Number },
  exclusiveMinimum: { type: 'number', side: 'least', measure: Number },
  exclusiveMaximum: { type: 'number', side: 'most', measure: Number },
  minLength: { type: 'string', side: 'least', measure: length },
  maxLength: { type: 'string', side: 'most', measure: length },
  minItems: { type: 'array', side: 'least', measure: count },
  maxItems: { type: 'array', side: 'most', measure: count },
  minProperties: { type: 'object', side: 'least', measure: count },
  maxProperties: { type: 'object', side: 'most', measure: count },
};

/** Of lengths and numbers, and of what a text looks like. @param types of the writer */
export function boundRefusals(
  writer: Rules,
  reader: Rules,
  types: readonly string[],
  path: string,
): Refusal[] {
  const isOf = (type: string) =>
    types.includes(type) || (type === 'number' && types.includes('integer'));
  const refused = Object.entries(bounds).flatMap(([of, bound]): Refusal[] => {
    const limit = reader[of];
    if (typeof limit !== 'number' || !isOf(bound.type)) return [];
    if (isWithin(writer, of, bound, limit)) return [];
    const own = typeof writer[of] === 'number' ? String(writer[of]) : 'none';
    return [{ path, aspect: 'bound', of, writer: own, reader: String(limit) }];
  });
  return types.includes('string') ? [...refused, ...textRefusals(writer, reader, path)] : refused;
}

function isWithin(writer: Rules, of: string, bound: Bound, limit: number): boolean {
  const { type, side, measure } = bound;
  const isExclusive = of.startsWith('exclusive');
  const isRight = (value: number, isOpen = false) => {
    if (value === limit) return !isExclusive || isOpen;
    return side === 'least' ? value > limit : value < limit;
  };
  const values = valuesOf(writer)?.filter((value) => isValueOf(type, value));
  if (values !== undefined) return values.every((value) => isRight(measure(value)));
  // Lengths and counts are never below 0.
  if (side === 'least' && type !== 'number' && limit <= 0) return true;
  const bare = of.replace('exclusiveM', 'm');
  const closed = writer[bare];
  const open = writer[bare.replace('m', 'exclusiveM')];
  if (typeof closed === 'number' && isRight(closed)) return true;
  return type === 'number' && typeof open === 'number' && isRight(open, true);
}

function isValueOf(type: Bound['type'], value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
  return typeof value === type;
}

function textRefusals(writer: Rules, reader: Rules, path: string): Refusal[] {
  const texts = valuesOf(writer)?.filter((value) => typeof value === 'string');
  const refused: Refusal[] = [];
  const none = (value: unknown) => (typeof value === 'string' ? value : 'none');
  const { pattern, format } = reader;
  if (typeof pattern === 'string' && pattern !== writer.pattern) {
    const expression = new RegExp(pattern, 'u');
    if (!texts?.every((text) => expression.test(text))) {
      const own = none(writer.pattern);
      refused.push({ path, aspect: 'pattern', of: 'pattern', writer: own, reader: pattern });
    }
  }
  if (typeof format === 'string' && format !== writer.format) {
    const own = none(writer.format);
    refused.push({ path, aspect: 'format', of: 'format', writer: own, reader: format });
  }
  return refused;
}
