import { isDeepStrictEqual } from 'node:util';
import { boundRefusals } from './bounds';
import {
  areDisjoint,
  both,
  includes,
  isClosed,
  typesOf,
  valuesOf,
  withoutNull,
  type Rules,
  type Schema,
} from './schema';

/** What of a schema has changed. */
export type Aspect =
  'type' | 'presence' | 'values' | 'bound' | 'pattern' | 'format' | 'unknown fields' | 'rule';

/** A value that one side writes and the other refuses. */
export interface Refusal {
  /** Of the field, `.items[].sku`; empty for the whole. */
  path: string;
  aspect: Aspect;
  /** As the side has it that writes, and the one that reads. */
  writer: string;
  reader: string;
  /** The keyword, where the words do not say it. */
  of?: string;
}

/**
 * What a tolerant reader refuses of what a writer may write. A reader leaves unknown fields alone
 * unless it says otherwise; a writer writes those that it names. Without a refusal every body of
 * the writer is accepted; a refusal may be of a body that is never written.
 * @param writer, reader `resolved`
 */
export function refusals(writer: Schema, reader: Schema, path = ''): Refusal[] {
  if (isDeepStrictEqual(writer, reader) || writer === false || reader === true) return [];
  if (reader === false) return [{ path, aspect: 'type', writer: 'anything', reader: 'nothing' }];
  if (writer === true) return refusals({}, reader, path);
  const { anyOf, oneOf, ...common } = writer;
  const written = anyOf ?? oneOf;
  if (written !== undefined) {
    return distinct(written.flatMap((one) => refusals(both(common, one), reader, path)));
  }
  if (isAlternative(reader)) return alternativeRefusals(writer, reader, path);
  const more = (reader.allOf ?? []).flatMap((one) => refusals(writer, one, path));
  return [...ruleRefusals(writer, reader, path), ...more];
}

function isAlternative({ anyOf, oneOf }: Rules): boolean {
  return anyOf !== undefined || oneOf !== undefined;
}

function distinct(all: Refusal[]): Refusal[] {
  return all.filter((one, index) => all.findIndex((it) => isDeepStrictEqual(it, one)) === index);
}

function alternativeRefusals(writer: Rules, reader: Rules, path: string): Refusal[] {
  const { anyOf, oneOf, ...rest } = reader;
  const own = refusals(writer, rest, path);
  const isAny = (anyOf ?? [true]).some((one) => refusals(writer, one, path).length === 0);
  const isOne = (oneOf ?? [true]).some((one, at, all) => {
    if (refusals(writer, one, path).length > 0) return false;
    return all.every((other, place) => place === at || areDisjoint(writer, other));
  });
  if (isAny && isOne) return own;
  const [said, wanted] = [shown(writer), shown(reader)];
  return [...own, { path, aspect: 'type', writer: said, reader: wanted }];
}

function shown(rules: Rules): string {
  const choices = (rules.anyOf ?? rules.oneOf)?.map((one) => (one === Object(one) ? one : {}));
  if (choices === undefined) return typeNames(rules);
  const each = choices.map((one) => typeNames(one as Rules));
  return [...new Set(each)].join(' or ');
}

function ruleRefusals(writer: Rules, reader: Rules, path: string): Refusal[] {
  const values = valuesOf(writer);
  if (values?.length === 0) return [];
  const types = typesOf(writer);
  const known = typesOf(reader);
  const isKnown = (type: string) =>
    known.includes(type) || (type === 'integer' && known.includes('number'));
  if (!types.every(isKnown)) {
    return [{ path, aspect: 'type', writer: typeNames(writer), reader: typeNames(reader) }];
  }
  const among = valuesOf(reader);
  const unknown = among ? valueRefusals(values, among, path) : [];
  if (unknown.length > 0) return unknown;
  return [
    ...boundRefusals(writer, reader, types, path),
    ...(types.includes('array') ? itemRefusals(writer, reader, path) : []),
    ...(types.includes('object') ? fieldRefusals(writer, reader, path) : []),
    ...otherRefusals(writer, reader, path),
  ];
}

function typeNames(rules: Rules): string {
  const { format } = rules;
  const isAny = rules.type === undefined && valuesOf(rules) === undefined;
  if (isAny) return rules.$ref === undefined ? 'anything' : (rules.$ref.split('/').at(-1) ?? '');
  const names = typesOf(rules).join(' or ');
  return typeof format === 'string' && names === 'string' ? `${format} text` : names;
}

function valueRefusals(
  values: readonly unknown[] | undefined,
  among: readonly unknown[],
  path: string,
): Refusal[] {
  const reader = listed(among);
  if (values === undefined) return [{ path, aspect: 'values', writer: 'any value', reader }];
  const unknown = values.filter((value) => !includes(among, value));
  if (unknown.length === 0) return [];
  const isOne = values.length === 1 && among.length === 1;
  if (isOne) return [{ path, aspect: 'values', writer: listed(values), reader }];
  return [{ path, aspect: 'values', of: 'some', writer: listed(unknown), reader }];
}

function listed(values: readonly unknown[]): string {
  return values
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(', ');
}

function itemRefusals(writer: Rules, reader: Rules, path: string): Refusal[] {
  if (writer.maxItems === 0) return [];
  return refusals(writer.items ?? true, reader.items ?? true, `${path}[]`);
}

function fieldRefusals(writer: Rules, reader: Rules, path: string): Refusal[] {
  const written = writer.properties ?? {};
  const read = reader.properties ?? {};
  const others = isClosed(writer) ? false : (writer.additionalProperties ?? true);
  const always = new Set(writer.required);
  const missing = (reader.required ?? []).filter((name) => !always.has(name));
  const unknown = reader.additionalProperties ?? true;
  return [
    ...missing.map((name): Refusal => {
      const writer = Object.hasOwn(written, name) || others !== false ? 'optional' : 'absent';
      return { path: `${path}.${name}`, aspect: 'presence', writer, reader: 'required' };
    }),
    ...Object.entries(read).flatMap(([name, one]) => {
      const own = Object.hasOwn(written, name) ? (written[name] ?? true) : others;
      // Where a field may be missing null is as good: what is said of the one is said of both.
      return refusals(missing.includes(name) ? withoutNull(own) : own, one, `${path}.${name}`);
    }),
    ...Object.entries(written).flatMap(([name, one]): Refusal[] => {
      if (Object.hasOwn(read, name) || one === false) return [];
      const at = `${path}.${name}`;
      if (unknown !== false) return refusals(one, unknown, at);
      return [{ path: at, aspect: 'unknown fields', writer: 'sent', reader: 'refused' }];
    }),
    ...refusals(others, unknown, `${path}.*`),
  ];
}

/** Rules that are compared elsewhere. */
const compared = new Set([
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items'],
  ...['allOf', 'anyOf', 'oneOf', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['pattern', 'format'],
]);

/** Of what is not understood, what is the same is right, and what the reader has not. */
function otherRefusals(writer: Rules, reader: Rules, path: string): Refusal[] {
  return Object.entries(reader)
    .filter(([rule, value]) => !compared.has(rule) && !isDeepStrictEqual(writer[rule], value))
    .map(([of, value]) => {
      const text = (one: unknown) => (one === undefined ? 'none' : JSON.stringify(one));
      return { path, aspect: 'rule', of, writer: text(writer[of]), reader: text(value) };
    });
}
