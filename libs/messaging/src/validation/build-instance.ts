import { TransformationType, type TypeMetadata } from 'class-transformer';
import { defaultMetadataStorage as transformer } from 'class-transformer/cjs/storage';
import { IS_OPTIONAL, ValidationTypes, getMetadataStorage } from 'class-validator';
import { isPlain, isRecord, prototypeOf } from './plain';
import { checkOf, type Rule } from './rules';

type Class = new () => object;
/** @returns what stands in the instance, or `refused` */
type Build = (plain: unknown) => unknown;

interface Field {
  isOptional: boolean;
  build: Build;
}

const refused = Symbol('refused');
const never: Build = () => refused;
const builders = {
  dropped: new WeakMap<Class, Build>(),
  refused: new WeakMap<Class, Build>(),
};

/** What becomes of a field that the class does not have. */
type Unknown = keyof typeof builders;

const harmlessTransforms = new WeakSet<object>();

/** Of `@Transform(harmless(…))`: a right value is left as it is, and makes no detour. */
export function harmless<T extends object>(transform: T): T {
  harmlessTransforms.add(transform);
  return transform;
}

export function isHarmless(transform: object): boolean {
  return harmlessTransforms.has(transform);
}

/**
 * The short way through validation. class-transformer and class-validator read their metadata anew
 * for each body; here a class is read once, into a function that builds the instance of a body
 * that is right. It never says no: of what is wrong, or beyond the rules that it knows,
 * class-validator is the judge.
 * @param plain is given away: the instance may hold parts of it
 * @param unknown `refused`: class-validator is asked about a field that the class does not have
 * @returns what class-transformer makes and class-validator allows; undefined: ask them
 */
export function buildInstance<B extends object>(
  type: new () => B,
  plain: object,
  unknown: Unknown = 'dropped',
): B | undefined {
  const instance = builderOf(type, unknown)(plain);
  return instance === refused ? undefined : (instance as B);
}

function builderOf(type: Class, unknown: Unknown): Build {
  const known = builders[unknown].get(type);
  if (known !== undefined) return known;
  // Of a class within itself the inner one is not built here: it may nest without end.
  builders[unknown].set(type, never);
  const build = isOrdinary(type) ? compile(type, unknown) : never;
  builders[unknown].set(type, build);
  return build;
}

/** No defaults, no accessors; nothing exposed, excluded or transformed. */
function isOrdinary(type: Class): boolean {
  const blank = new type();
  if (Object.values(blank).some((value) => value !== undefined)) return false;
  for (let at = type.prototype as object; at !== Object.prototype; at = prototypeOf(at)) {
    const members = Object.values(Object.getOwnPropertyDescriptors(at));
    if (members.some((member) => !('value' in member))) return false;
  }
  const marked = [
    ...transformer.getExposedMetadatas(type),
    ...transformer.getExcludedMetadatas(type),
  ];
  return marked.length === 0 && transformer.getStrategy(type) === 'none';
}

function compile(type: Class, unknown: Unknown): Build {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const fields = new Map<string, Field>();
  for (const name of new Set(rules.map(({ propertyName }) => propertyName))) {
    const own = rules.filter(({ propertyName }) => propertyName === name);
    const field = fieldOf(type, name, own, unknown);
    if (field === undefined) return never;
    fields.set(name, field);
  }
  if (fields.size === 0) return never;
  const required = [...fields.values()].filter(({ isOptional }) => !isOptional).length;
  return (plain) => {
    if (!isRecord(plain)) return refused;
    const instance = new type() as Record<string, unknown>;
    let missing = required;
    for (const key of Object.keys(plain)) {
      const field = fields.get(key);
      if (field === undefined) {
        // Dropped, once it is clear that class-transformer would get through it.
        if (unknown === 'refused' || key in Object.prototype) return refused;
        if (!isPlain(plain[key])) return refused;
        continue;
      }
      const value = field.build(plain[key]);
      if (value === refused) return refused;
      instance[key] = value;
      if (!field.isOptional) missing -= 1;
    }
    return missing === 0 ? instance : refused;
  };
}

/** @returns undefined when something about the field is not known here */
function fieldOf(type: Class, name: string, rules: Rule[], unknown: Unknown): Field | undefined {
  const { PLAIN_TO_CLASS } = TransformationType;
  const transforms = transformer.findTransformMetadatas(type, name, PLAIN_TO_CLASS);
  const isLeft = transforms.every(({ transformFn }: { transformFn: object }) =>
    isHarmless(transformFn),
  );
  if (name in type.prototype || !isLeft) return undefined;
  const nested = rules.filter((rule) => rule.type === ValidationTypes.NESTED_VALIDATION);
  const optional = rules.filter((rule) => rule.name === IS_OPTIONAL);
  const others = rules.filter((rule) => !nested.includes(rule) && !optional.includes(rule));
  const checks = others.map(checkOf);
  if (rules.some(isConditional) || !checks.every((check) => check !== undefined)) return undefined;
  const inner = transformer.findTypeMetadata(type, name) as TypeMetadata | undefined;
  if ((inner === undefined) !== (nested.length === 0)) return undefined;
  const make = inner === undefined ? asItIs : nestedOf(inner, unknown);
  const isOptional = optional.length > 0;
  const build: Build = (plain) => {
    if (isOptional && (plain === undefined || plain === null)) return plain;
    const value = make(plain);
    for (const check of checks) if (!check(value)) return refused;
    return value;
  };
  return { isOptional, build };
}

function isConditional({ groups, always, validateIf }: Rule): boolean {
  return groups?.length > 0 || always !== undefined || validateIf !== undefined;
}

const asItIs: Build = (plain) => (isPlain(plain) ? plain : refused);

function nestedOf({ typeFunction, reflectedType, options }: TypeMetadata, unknown: Unknown): Build {
  // What takes an argument looks at the body to find its type.
  const isFixed = typeFunction.length === 0 && options.discriminator === undefined;
  const type = isFixed ? typeFunction() : undefined;
  if (type === undefined) return never;
  const build = builderOf(type as Class, unknown);
  if (reflectedType !== Array) return build;
  return (plain) => {
    if (!Array.isArray(plain)) return refused;
    const values: unknown[] = [];
    for (const one of plain) {
      const value = build(one);
      if (value === refused) return refused;
      values.push(value);
    }
    return values;
  };
}
