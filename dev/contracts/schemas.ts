import { isHarmless } from '@tradepost/messaging';
import { TransformationType } from 'class-transformer';
import { defaultMetadataStorage as transformer } from 'class-transformer/cjs/storage';
import { getMetadataStorage, IS_OPTIONAL, ValidationTypes } from 'class-validator';
import { validationMetadataArrayToSchemas } from 'class-validator-jsonschema';
import type { Comments } from './doc-comments';
import { isKnown, knownRules, ownSchemaOf, type Rule } from './rules';
import type { Schema } from './schema';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever its constructor takes
export type Class = abstract new (...args: any[]) => object;

export interface SchemaOptions {
  /** What a $ref begins with; `#/components/schemas/` unless given. */
  refs?: string;
  /** What becomes of a field that the class does not have: readers of messages drop it. */
  unknown: 'dropped' | 'refused';
  /** Become descriptions. */
  comments?: Comments;
}

/**
 * The schemas of these classes and of those within them, by their names, as our readers judge.
 * @throws what no schema says: a decorator that is not known here, an option of one
 */
export function schemasOf(
  classes: readonly Class[],
  options: SchemaOptions,
): Record<string, Schema> {
  const left = [...classes];
  const done = new Map<string, Class>();
  const schemas: Record<string, Schema> = {};
  for (let one = left.shift(); one !== undefined; one = left.shift()) {
    const other = done.get(one.name);
    if (other === one) continue;
    if (other !== undefined) throw new Error(`two classes have the name ${one.name}`);
    done.set(one.name, one);
    schemas[one.name] = schemaOf(one, options);
    left.push(...nestedIn(one));
  }
  return schemas;
}

function schemaOf(type: Class, options: SchemaOptions): Schema {
  const { unknown, comments } = options;
  const rules = rulesOf(type);
  const fields = [...new Set(rules.map(({ propertyName }) => propertyName))];
  const properties = fields.map((name): [string, Schema] => {
    const own = rules.filter(({ propertyName }) => propertyName === name);
    return [name, fieldSchema({ type, name, rules: own }, options)];
  });
  const isOptional = (field: string) =>
    rules.some(({ propertyName, name }) => propertyName === field && name === IS_OPTIONAL);
  const required = fields.filter((field) => !isOptional(field));
  return {
    type: 'object',
    ...described(comments?.get(type.name)?.text),
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
    ...(unknown === 'refused' ? { additionalProperties: false } : {}),
  };
}

function rulesOf(type: Class): Rule[] {
  const isMarked =
    transformer.getExposedMetadatas(type).length > 0 ||
    transformer.getExcludedMetadatas(type).length > 0;
  if (isMarked) throw new Error(`${type.name}: no schema says what @Expose and @Exclude do`);
  return getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
}

interface Field {
  type: Class;
  name: string;
  /** Decorators are applied from the last to the first. */
  rules: Rule[];
}

function fieldSchema(field: Field, options: SchemaOptions): Schema {
  const { type, name } = field;
  const rules = judged(field);
  const parts = rules.map((rule) => converted({ ...field, rules: [rule] }, options));
  const whole = tidy(converted({ ...field, rules }, options));
  const lost = parts.find((part) => !holds(whole, tidy(part)));
  if (lost !== undefined) {
    throw new Error(`${type.name}.${name}: two decorators say the same of it: ${said(lost)}`);
  }
  const optional = field.rules.some((rule) => rule.name === IS_OPTIONAL);
  const schema = typeFirst(optional ? orNull(whole) : whole);
  const comment = commentOf(field, options.comments);
  if (comment === undefined || schema.$ref === undefined) {
    return { ...described(comment), ...schema };
  }
  // Beside a $ref draft 07 reads nothing.
  return { ...described(comment), allOf: [schema] };
}

/** Those that say what the value is. @throws a rule that has no schema */
function judged({ type, name, rules }: Field): Rule[] {
  const place = `${type.name}.${name}`;
  const others = rules.filter((rule) => rule.name !== IS_OPTIONAL);
  for (const rule of others) {
    if (rule.groups?.length > 0 || rule.always !== undefined || rule.validateIf !== undefined) {
      throw new Error(`${place}: no schema says when "${rule.name}" counts`);
    }
    if (rule.type === ValidationTypes.NESTED_VALIDATION) assertNested(type, name);
    else if (!isKnown(rule)) throw new Error(`${place}: ${unknownRule(rule)}`);
  }
  const { PLAIN_TO_CLASS } = TransformationType;
  const changes = transformer
    .findTransformMetadatas(type, name, PLAIN_TO_CLASS)
    .some(({ transformFn }) => !isHarmless(transformFn));
  if (changes && !others.every((rule) => hasOwn(rule))) {
    throw new Error(`${place}: @Transform comes before the rules: each needs context.schema`);
  }
  if (others.length === 0) throw new Error(`${place}: no decorator says what it is`);
  // class-validator-jsonschema takes the type of the last: `integer` is more than `number`.
  return others.sort((a, b) => Number(a.name === 'isInt') - Number(b.name === 'isInt'));
}

function hasOwn(rule: Rule): boolean {
  return (rule.context as { schema?: Schema } | undefined)?.schema !== undefined;
}

function unknownRule({ type, name = type }: Rule): string {
  const why = knownRules.has(name) ? `an option of "${name}"` : `"${name}"`;
  return `no schema is known for ${why}: give it one, { context: { schema: … } }`;
}

function assertNested(type: Class, name: string): void {
  const { typeFunction, options } = transformer.findTypeMetadata(type, name) ?? {};
  if (typeFunction?.length !== 0 || options?.discriminator !== undefined) {
    throw new Error(`${type.name}.${name}: @ValidateNested needs @Type(() => TheClass)`);
  }
}

function nestedIn(type: Class): Class[] {
  return rulesOf(type)
    .filter((rule) => rule.type === ValidationTypes.NESTED_VALIDATION)
    .map(({ propertyName }) => transformer.findTypeMetadata(type, propertyName))
    .map(({ typeFunction }) => typeFunction() as Class);
}

type Converters = NonNullable<
  Parameters<typeof validationMetadataArrayToSchemas>[1]
>['additionalConverters'];

/** By class-validator-jsonschema, of a class with these rules alone. */
function converted({ type, name, rules }: Field, options: SchemaOptions): Schema {
  const named = rules.map((rule, index) => {
    const custom = rule.type === ValidationTypes.CUSTOM_VALIDATION;
    const kind = ownSchemaOf(rule) === undefined ? (rule.name ?? rule.type) : `own ${index}`;
    return { ...rule, target: type, type: custom ? kind : rule.type };
  });
  const own = rules.map((rule, index) => [`own ${index}`, () => ownSchemaOf(rule)] as const);
  const schemas = validationMetadataArrayToSchemas(named, {
    refPointerPrefix: options.refs ?? '#/components/schemas/',
    classTransformerMetadataStorage: transformer,
    additionalConverters: Object.fromEntries(own) as Converters,
  }) as Record<string, Schema>;
  return schemas[type.name]?.properties?.[name] ?? {};
}

/** A $ref stands alone, as draft 07 reads it. */
function tidy(schema: Schema): Schema {
  if (schema.$ref !== undefined) return { $ref: schema.$ref };
  return schema.items === undefined ? schema : { ...schema, items: tidy(schema.items) };
}

/** Whether all that `part` says is in `whole`. */
function holds(whole: Schema, part: Schema): boolean {
  return Object.entries(part).every(([word, value]) => {
    if (whole.$ref !== undefined) return value === whole.$ref || value === 'object';
    const there = whole[word as keyof Schema];
    if (word === 'type' && there === 'integer') return value === 'integer' || value === 'number';
    if (word === 'items') return whole.items !== undefined && holds(whole.items, value as Schema);
    return said(there) === said(value);
  });
}

const said = (value: unknown): string => JSON.stringify(value);

/** class-validator takes null for missing. */
function orNull(schema: Schema): Schema {
  if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema.enum === undefined ? {} : { enum: [...schema.enum, null] };
  return { ...schema, type: [schema.type, 'null'], ...values };
}

function typeFirst({ type, ...rest }: Schema): Schema {
  return type === undefined ? rest : { type, ...rest };
}

function described(description: string | undefined): Schema {
  return description === undefined ? {} : { description };
}

/** That of the class itself, or of the nearest that it extends. */
function commentOf({ type, name }: Field, comments?: Comments): string | undefined {
  for (let at: Class = type; at.name !== ''; at = Object.getPrototypeOf(at) as Class) {
    const text = comments?.get(at.name)?.fields[name];
    if (text !== undefined) return text;
  }
  return undefined;
}
