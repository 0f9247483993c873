import { both, typesOf, type Rules, type Schema } from '../compare/schema';

/** Numbers from 0 up to 1. */
export type Random = () => number;

/** As its writer keeps to it: without fields that it does not name. */
export function closed(schema: Schema): Schema {
  if (typeof schema === 'boolean') return schema;
  const { anyOf, oneOf, ...common } = schema;
  if (anyOf) {
    const choices = { anyOf: anyOf.map((one) => closed(both(common, one))) };
    return oneOf ? { allOf: [choices, { oneOf }] } : choices;
  }
  if (oneOf) {
    // Which of them is right is judged as the schema has it.
    return { allOf: [{ oneOf }, { anyOf: oneOf.map((one) => closed(both(common, one))) }] };
  }
  const { properties, items, additionalProperties } = common;
  const fields = Object.entries(properties ?? {}).map(([name, one]) => [name, closed(one)]);
  return {
    ...common,
    ...(properties && { properties: Object.fromEntries(fields) }),
    ...(properties && additionalProperties === undefined && { additionalProperties: false }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: closed(additionalProperties),
    }),
    ...(items !== undefined && { items: closed(items) }),
  };
}

/** A value that may well be right. */
export function guess(schema: Schema, random: Random): unknown {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  if (typeof schema === 'boolean') return guess({}, random);
  const { anyOf, oneOf, ...common } = schema;
  const branches = anyOf ?? oneOf;
  if (branches) return guess(both(common, pick(branches)), random);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return pick(schema.enum);
  switch (pick(typesOf(schema))) {
    case 'null':
      return null;
    case 'boolean':
      return random() < 0.5;
    case 'integer':
      return pick([-2, -1, 0, 1, 2, 3]);
    case 'number':
      return pick([-2, -1.5, -1, 0, 0.5, 1, 2, 2.5, 3]);
    case 'string':
      return pick(['', 'a', 'b', 'ab', 'ba', 'aab', 'aabb']);
    case 'array':
      return Array.from({ length: pick([0, 1, 2, 3]) }, () => guess(schema.items ?? true, random));
    default:
      return guessedObject(schema, random);
  }
}

function guessedObject(schema: Rules, random: Random): object {
  const { properties = {}, required = [], additionalProperties } = schema;
  const fields: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(properties)) {
    if (required.includes(name) || random() < 0.5) fields[name] = guess(one, random);
  }
  if (random() < 0.3) fields.d = guess(additionalProperties ?? { type: 'number' }, random);
  return fields;
}
