import { getMetadataStorage, IS_UUID, isUUID, ValidationTypes } from 'class-validator';

/** The id as PostgreSQL gives it back; undefined: the text is no id, and so the id of nothing. */
export function canonicalId(text: string): string | undefined {
  return isUUID(text) ? text.toLowerCase() : undefined;
}

/**
 * Ids are one id however they are spelled: writes those of a valid instance, its fields with
 * `@IsUUID()`, as PostgreSQL gives them back. JavaScript may then compare them as texts.
 */
export function canonicalIds(instance: object): void {
  const type = instance.constructor;
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const fields = instance as Record<string, unknown>;
  for (const { name, type, propertyName } of rules) {
    const value = fields[propertyName];
    if (name === IS_UUID) fields[propertyName] = lowerCase(value);
    else if (type === ValidationTypes.NESTED_VALIDATION) {
      for (const part of [value].flat()) if (isObject(part)) canonicalIds(part);
    }
  }
}

function lowerCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerCase);
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
