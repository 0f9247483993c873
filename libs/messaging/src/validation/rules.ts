import * as is from 'class-validator';
import type { getMetadataStorage } from 'class-validator';

type Storage = ReturnType<typeof getMetadataStorage>;
/** What one decorator of class-validator says of a field. */
export type Rule = ReturnType<Storage['getTargetValidationMetadatas']>[0];
export type Check = (value: unknown) => boolean;

/**
 * A rule is known by its name: a decorator of one's own must not take one that class-validator's
 * own decorators have. Of what is missing here, class-validator is the judge.
 */
export function checkOf({ name, constraints, each }: Rule): Check | undefined {
  const [first, second] = (constraints ?? []) as [never, never];
  const rule = name === undefined ? undefined : knownRules.get(name);
  if (rule === undefined) return undefined;
  const check: Check = (value) => rule(value, first, second);
  if (!each) return check;
  return (values) => Array.isArray(values) && values.every(check);
}

const knownRules = new Map<string, (value: unknown, first: never, second: never) => boolean>([
  [is.IS_STRING, is.isString],
  [is.IS_LENGTH, isLength],
  [is.MIN_LENGTH, (value, min) => isLength(value, min, Infinity)],
  [is.MAX_LENGTH, (value, max) => isLength(value, 0, max)],
  [is.MATCHES, (value, pattern) => typeof value === 'string' && is.matches(value, pattern)],
  // In capitals it is right, but not as it is kept: see canonical-ids.ts.
  [is.IS_UUID, isCanonicalId],
  [is.IS_ISO8601, is.isISO8601],
  [is.IS_RFC_3339, is.isRFC3339],
  [is.IS_EMAIL, isCommonEmail],
  [is.IS_IN, is.isIn],
  [is.IS_BOOLEAN, is.isBoolean],
  [is.IS_NUMBER, is.isNumber],
  [is.IS_INT, is.isInt],
  [is.MIN, is.min],
  [is.MAX, is.max],
  [is.IS_ARRAY, is.isArray],
  [is.ARRAY_MIN_SIZE, is.arrayMinSize],
  [is.ARRAY_MAX_SIZE, is.arrayMaxSize],
  [is.IS_OBJECT, is.isObject],
]);

function isCanonicalId(value: unknown, version: never): boolean {
  return is.isUUID(value, version) && value === (value as string).toLowerCase();
}

// A surrogate pair and a variation selector count as one with what is before them, which costs two
// searches: three units are one character at least, and one of ASCII is one.
function isLength(value: unknown, min: number, max: number): boolean {
  if (typeof value !== 'string' || value.length > max || value.length < min) return false;
  return min <= 1 || value.length >= 3 * min || /^[\x20-\x7e]*$/.test(value);
}

// The common form of an address. class-validator looks for far more, and throws at some.
const commonEmail = /^[a-z\d]+(?:[.+_-][a-z\d]+)*@(?:[a-z\d]+(?:-[a-z\d]+)*\.)+[a-z]{2,10}$/i;

function isCommonEmail(value: unknown, options: unknown): boolean {
  if (options !== undefined || typeof value !== 'string' || value.length > 64) return false;
  return commonEmail.test(value);
}
