import { isDeepStrictEqual } from 'node:util';

/** JSON Schema 2020-12, as far as the documents have it; `$ref` only where it leads into itself. */
export type Schema = boolean | Rules;

export interface Rules {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema;
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  [keyword: string]: unknown;
}

/** They say something about a value, and refuse none. */
const annotations = new Set([
  ...['title', 'description', 'examples', 'example', 'default', 'deprecated', 'readOnly'],
  ...['writeOnly', '$comment', '$id', '$schema', '$anchor', 'discriminator', 'externalDocs'],
  ...['contentMediaType', 'contentEncoding', 'xml'],
]);

/** The schema with what it refers to in its place, without annotations. */
export function resolved(schema: Schema, document: object, within: string[] = []): Schema {
  if (typeof schema === 'boolean') return schema;
  const { $ref, ...own } = schema;
  if ($ref !== undefined && !within.includes($ref)) {
    const target = resolved(at(document, $ref), document, [...within, $ref]);
    const rest = resolved(own, document, within);
    if (Object.keys(rest).length === 0) return target;
    return flat({ allOf: [target, rest] });
  }
  const rules: Rules = $ref === undefined ? {} : { $ref };
  for (const [keyword, value] of Object.entries(own)) {
    if (annotations.has(keyword) || keyword.startsWith('x-')) continue;
    rules[keyword] = resolvedRule(keyword, value, (one) => resolved(one, document, within));
  }
  return flat(rules);
}

function resolvedRule(keyword: string, value: unknown, resolve: (one: Schema) => Schema): unknown {
  switch (keyword) {
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return (value as Schema[]).map(resolve);
    case 'properties': {
      const fields = Object.entries(value as Record<string, Schema>);
      return Object.fromEntries(fields.map(([name, one]) => [name, resolve(one)]));
    }
    case 'items':
    case 'additionalProperties':
      return resolve(value as Schema);
    default:
      return value;
  }
}

/** @throws where the document has nothing at this JSON pointer, `#/a/b` */
export function at<T>(document: object, pointer: string): T {
  const names = pointer.split('/').slice(1);
  const found = names.reduce<unknown>((value, name) => {
    const key = decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
    return (value as Record<string, unknown> | undefined)?.[key];
  }, document);
  if (found === undefined) throw new Error(`there is nothing at ${pointer}`);
  return found as T;
}

/** With all of `allOf` as rules of its own. */
function flat(rules: Rules): Schema {
  const { allOf, nullable, ...own } = rules;
  let whole: Schema = own;
  if (nullable === true) whole = { ...own, type: [...typesOf(own), 'null'] };
  for (const part of allOf ?? []) whole = both(whole, part);
  return whole;
}

/** What both schemas accept. */
export function both(one: Schema, other: Schema): Schema {
  if (one === true) return other;
  if (one === false || other === false) return false;
  if (other === true) return one;
  const rules: Rules = { ...one };
  const more: Schema[] = [];
  for (const [keyword, value] of Object.entries(other)) {
    const own = rules[keyword];
    if (own === undefined || isDeepStrictEqual(own, value)) rules[keyword] = value;
    else if (!merge(rules, keyword, own, value)) more.push({ [keyword]: value });
  }
  if (more.length > 0) rules.allOf = [...(rules.allOf ?? []), ...more];
  const isNothing = rules.type?.length === 0 || rules.enum?.length === 0;
  return isNothing ? false : rules;
}

/** @returns false: no rule of this keyword says both */
function merge(rules: Rules, keyword: string, own: unknown, value: unknown): boolean {
  if (keyword === 'type') {
    const types = expanded(own as string[]).filter((type) =>
      expanded(value as string[]).includes(type),
    );
    rules.type = types;
  } else if (keyword === 'required') {
    rules.required = [...new Set([...(own as string[]), ...(value as string[])])];
  } else if (keyword === 'enum') {
    rules.enum = (own as unknown[]).filter((one) => includes(value as unknown[], one));
  } else if (keyword === 'properties') {
    const fields = { ...(own as Record<string, Schema>) };
    for (const [name, one] of Object.entries(value as Record<string, Schema>)) {
      fields[name] = both(fields[name] ?? true, one);
    }
    rules.properties = fields;
  } else if (keyword === 'items') {
    rules.items = both(own as Schema, value as Schema);
  } else if (/^(min|exclusiveMin)/.test(keyword)) {
    rules[keyword] = Math.max(own as number, value as number);
  } else if (/^(max|exclusiveMax)/.test(keyword)) {
    rules[keyword] = Math.min(own as number, value as number);
  } else return false;
  return true;
}

function expanded(type: string | string[]): string[] {
  const types = [type].flat();
  return types.includes('number') ? [...types, 'integer'] : types;
}

const allTypes = ['null', 'boolean', 'number', 'string', 'array', 'object'];

/** The types that it allows: an integer counts as a number unless no other number is allowed. */
export function typesOf(rules: Rules): string[] {
  const values = valuesOf(rules);
  if (values !== undefined) return [...new Set(values.map(typeOf))];
  const types = rules.type === undefined ? allTypes : [rules.type].flat();
  const isWhole = (type: string) => type === 'integer' && types.includes('number');
  return types.filter((type) => !isWhole(type));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

export function withoutNull(schema: Schema): Schema {
  if (typeof schema === 'boolean') return schema;
  const { anyOf, type, enum: values, ...rest } = schema;
  const others = anyOf?.filter((one) => typeof one === 'boolean' || one.type !== 'null');
  const types = Array.isArray(type) ? type.filter((one) => one !== 'null') : type;
  if (others?.length === 1) return both(rest, others[0] ?? true);
  return {
    ...rest,
    ...(others && { anyOf: others }),
    ...(types !== undefined && { type: types.length === 1 ? types[0] : types }),
    ...(values && { enum: values.filter((one) => one !== null) }),
  };
}

/** Of a schema that names all its values; undefined where it does not. */
export function valuesOf({ enum: list, const: value, type }: Rules): unknown[] | undefined {
  const values = value === undefined ? list : [value].filter((one) => !list || includes(list, one));
  if (type === undefined) return values;
  const types = expanded(type);
  return values?.filter((one) => types.includes(typeOf(one)));
}

export function includes(values: readonly unknown[], value: unknown): boolean {
  return values.some((one) => isDeepStrictEqual(one, value));
}

/** Whether it is certain that a reader accepts nothing of what a writer writes. */
export function areDisjoint(writer: Schema, reader: Schema): boolean {
  if (typeof writer === 'boolean' || typeof reader === 'boolean') return !writer || !reader;
  const [written, read] = [writer, reader].map(({ anyOf, oneOf }) => anyOf ?? oneOf);
  if (written?.every((branch) => areDisjoint(branch, reader))) return true;
  if (read?.every((branch) => areDisjoint(writer, branch))) return true;
  const values = valuesOf(writer);
  const known = valuesOf(reader);
  if (values && known) return !values.some((value) => includes(known, value));
  const types = expanded(typesOf(reader));
  const common = expanded(typesOf(writer)).filter((type) => types.includes(type));
  if (common.length === 0) return true;
  return common.every((type) => type === 'object') && haveDisjointField(writer, reader);
}

function haveDisjointField(writer: Rules, reader: Rules): boolean {
  const [written, read] = [new Set(writer.required), new Set(reader.required)];
  return [...new Set([...written, ...read])].some((name) => {
    const [own, wanted] = [writer.properties?.[name], reader.properties?.[name]];
    if (own === undefined) return read.has(name) && isClosed(writer);
    if (wanted === undefined) return reader.additionalProperties === false;
    return areDisjoint(own, wanted);
  });
}

/** Who writes it, writes no field that it does not name. One that names none is a map. */
export function isClosed({ properties, additionalProperties }: Rules): boolean {
  if (additionalProperties === undefined) return properties !== undefined;
  return additionalProperties === false;
}
