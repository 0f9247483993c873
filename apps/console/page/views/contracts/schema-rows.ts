import type { RouteParameter, Schema } from '../../../src/api/documents';
import { count } from '../../parts/format';

/** A field of a schema, as a reader wants to know it. */
export interface SchemaRow {
  /** Where it is in the whole: `items.sku`. */
  path: string;
  name: string;
  depth: number;
  isOptional: boolean;
  type: string;
  limits: string;
  text: string;
}

/** All fields, those of objects within it too, each below what it is in. */
export function rowsOf(schema: Schema, above = '', depth = 0): SchemaRow[] {
  const { properties = {}, required = [] } = fieldsOf(schema);
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${above}${name}`;
    const isOptional = !required.includes(name);
    return [
      rowOf({ path, name, depth, isOptional }, field),
      ...rowsOf(field, `${path}.`, depth + 1),
    ];
  });
}

/** Of a route's parameters. */
export function parameterRows(parameters: readonly RouteParameter[]): SchemaRow[] {
  return parameters.map(({ name, in: place, required, text, schema }) => {
    const own = rowOf({ path: `${place} ${name}`, name, depth: 0, isOptional: !required }, schema);
    return { ...own, type: `${own.type} in the ${place}`, text: text || own.text };
  });
}

type Place = Pick<SchemaRow, 'path' | 'name' | 'depth' | 'isOptional'>;

function rowOf(place: Place, schema: Schema): SchemaRow {
  const bare = withoutNull(schema);
  const text = schema.description ?? bare.description ?? '';
  const type = typeWords(schema) + (isNullable(schema) && !place.isOptional ? ' or null' : '');
  return { ...place, type, limits: limitsOf(bare).join(', '), text };
}

/** The object whose fields are to be told: of a list its items. */
function fieldsOf(schema: Schema): Schema {
  const bare = withoutNull(schema);
  return bare.items === undefined ? bare : fieldsOf(bare.items);
}

function isNullable(schema: Schema): boolean {
  return [schema.type].flat().includes('null') || choicesOf(schema).some(isNullable);
}

/** What is optional may be null: `isOptional` tells that already. */
function withoutNull(schema: Schema): Schema {
  const [only, ...others] = choicesOf(schema).filter(({ type }) => type !== 'null');
  const bare = only !== undefined && others.length === 0 ? withoutNull(only) : undefined;
  return { ...schema, anyOf: undefined, oneOf: undefined, allOf: undefined, ...bare };
}

function choicesOf({ anyOf, oneOf, allOf }: Schema): Schema[] {
  return anyOf ?? oneOf ?? allOf ?? [];
}

/** `uuid`, `list of SaleItem`, `"JPY" | "USD"` */
export function typeWords(schema: Schema): string {
  const choices = choicesOf(schema).filter(({ type }) => type !== 'null');
  if (choices.length > 0) return [...new Set(choices.map(typeWords))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return valuesOf(schema.enum).join(' | ');
  if (schema.items !== undefined) return `list of ${typeWords(schema.items)}`;
  if (schema.type === 'array') return 'list';
  const types = [schema.type ?? []].flat().filter((type) => type !== 'null');
  if (schema.properties !== undefined || types[0] === 'object') return schema.title ?? 'object';
  if (typeof schema.format === 'string') return schema.format;
  return types.join(' or ') || (schema.title ?? 'anything');
}

function valuesOf(values: unknown[]): string[] {
  return values.filter((value) => value !== null).map((value) => JSON.stringify(value));
}

function limitsOf(schema: Schema): string[] {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems, pattern } = schema;
  const isPlain = schema.format === undefined && typeof pattern === 'string';
  return [
    span(minLength, maxLength, 'character'),
    span(minimum, maximum),
    span(minItems, maxItems, 'item'),
    schema.uniqueItems === true ? 'no two alike' : '',
    isPlain ? `as ${pattern}` : '',
    schema.default === undefined ? '' : `${JSON.stringify(schema.default)} unless given`,
  ].filter((limit) => limit !== '');
}

/** `1 to 64 characters`, `at least 0` */
function span(least: unknown, most: unknown, unit?: string): string {
  const [low, high] = [least, most].map((one) => (typeof one === 'number' ? one : undefined));
  if (low === undefined && high === undefined) return '';
  const last = high ?? low ?? 0;
  const units = unit === undefined ? '' : ` ${unit}${last === 1 ? '' : 's'}`;
  if (low === undefined) return `at most ${count(last)}${units}`;
  if (high === undefined) return `at least ${count(last)}${units}`;
  return low === high ? `${count(low)}${units}` : `${count(low)} to ${count(high)}${units}`;
}
