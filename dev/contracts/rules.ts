import * as is from 'class-validator';
import type { getMetadataStorage } from 'class-validator';
import type { Schema } from './schema';

type Storage = ReturnType<typeof getMetadataStorage>;
/** What one decorator of class-validator says of a field. */
export type Rule = ReturnType<Storage['getTargetValidationMetadatas']>[0];

/** Where class-validator-jsonschema says of a decorator what class-validator does. */
const asLibrary = new Set<string>([
  is.IS_STRING,
  is.IS_LENGTH,
  is.MIN_LENGTH,
  is.MAX_LENGTH,
  is.IS_BOOLEAN,
  is.IS_INT,
  is.MIN,
  is.MAX,
  is.IS_ARRAY,
  is.ARRAY_MIN_SIZE,
  is.ARRAY_MAX_SIZE,
  is.ARRAY_NOT_EMPTY,
  is.IS_OBJECT,
]);

/** A rule with its options; undefined: no schema says what these do. */
type ToSchema = (constraints: readonly unknown[]) => Schema | undefined;

const unlessGiven =
  (schema: Schema): ToSchema =>
  ([option]) =>
    isNothing(option) ? schema : undefined;

/** Where it says something else: too little, or what only some validators look at. */
const ours = new Map<string, ToSchema>([
  [is.IS_IN, ([values]) => valuesOf(values)],
  [is.IS_NUMBER, unlessGiven({ type: 'number' })],
  [is.ARRAY_UNIQUE, unlessGiven({ type: 'array', items: {}, uniqueItems: true })],
  [is.MATCHES, ([pattern, flags]) => patternOf(pattern, flags)],
  [is.IS_UUID, ([version]) => uuidOf(version)],
  // As Date.toISOString() writes it, or with another zone.
  [is.IS_RFC_3339, () => ({ type: 'string', format: 'date-time', pattern: rfc3339 })],
  // Days, weeks and times, with a zone or without: more than a pattern can say.
  [is.IS_ISO8601, () => ({ type: 'string' })],
  // class-validator knows more of addresses and currencies than a pattern can say.
  [
    is.IS_EMAIL,
    unlessGiven({ type: 'string', format: 'email', pattern: '^.+@[^@]+\\.[^@.]{2,}$' }),
  ],
  [is.IS_ISO4217_CURRENCY_CODE, () => ({ type: 'string', pattern: '^[A-Za-z]{3}$' })],
]);

/** The names of all rules that have a schema. */
export const knownRules: ReadonlySet<string> = new Set([...asLibrary, ...ours.keys()]);

/**
 * The schema of a rule, where it is not class-validator-jsonschema's. A rule of one's own, or one
 * that a schema cannot say, carries its schema: `ValidateBy(…, { context: { schema: … } })`.
 */
export function ownSchemaOf(rule: Rule): Schema | undefined {
  const given = (rule.context as { schema?: Schema } | undefined)?.schema;
  return given ?? ours.get(rule.name ?? '')?.((rule.constraints ?? []) as unknown[]);
}

export function isKnown(rule: Rule): boolean {
  return asLibrary.has(rule.name ?? '') || ownSchemaOf(rule) !== undefined;
}

function isNothing(option: unknown): boolean {
  return option === undefined || (typeof option === 'object' && said(option) === '{}');
}

const said = (value: unknown): string => JSON.stringify(value);

function valuesOf(values: unknown): Schema | undefined {
  if (!Array.isArray(values)) return undefined;
  const isText = values.every((value) => typeof value === 'string');
  return { ...(isText ? { type: 'string' } : {}), enum: [...(values as unknown[])] };
}

// JSON Schema has no flags: its patterns are of Unicode characters.
function patternOf(pattern: unknown, flags: unknown): Schema | undefined {
  if (!(pattern instanceof RegExp) || flags !== undefined) return undefined;
  return /^u?$/.test(pattern.flags) ? { type: 'string', pattern: pattern.source } : undefined;
}

const rfc3339 =
  '^\\d{4}-(0[1-9]|1[0-2])-([12]\\d|0[1-9]|3[01])[ tT]([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)' +
  '(\\.\\d+)?([zZ]|[+-]([01]\\d|2[0-3]):[0-5]\\d)$';

const hex = '[0-9a-fA-F]';
const uuid = (version: string) =>
  `${hex}{8}-${hex}{4}-${version}${hex}{3}-[89abAB]${hex}{3}-${hex}{12}`;
const nil = '0{8}-0{4}-0{4}-0{4}-0{12}';
const max = '[fF]{8}-[fF]{4}-[fF]{4}-[fF]{4}-[fF]{12}';

function uuidOf(version: unknown): Schema | undefined {
  const text = version === undefined ? 'all' : said(version).replaceAll('"', '');
  if (!/^([1-8]|all)$/.test(text)) return undefined;
  const pattern = text === 'all' ? `^(?:${uuid('[1-8]')}|${nil}|${max})$` : `^${uuid(text)}$`;
  return { type: 'string', format: 'uuid', pattern };
}
