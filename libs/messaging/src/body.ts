import type { Body, Contract } from './contract';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { BadJson, InvalidBody } from './errors';

/**
 * Content as it came → an instance of the contract. Unknown fields are dropped, never refused: a
 * sender may know more than we do.
 * @throws BadJson the content is not a JSON object
 * @throws InvalidBody a field is missing or wrong
 */
export function parseBody<C extends Contract>(contract: C, content: Buffer): Body<C> {
  return toInstance(contract, parseJson(content)) as Body<C>;
}

/** @throws BadJson the content is not a JSON object */
export function parseJson(content: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch (error) {
    throw new BadJson(`not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadJson('not a JSON object');
  }
  return value;
}

/** Our own body on its way out, checked as the receiver will check it. @throws InvalidBody */
export function encodeBody<C extends Contract>(contract: C, body: Body<C>): string {
  return JSON.stringify(toInstance(contract, body));
}

/** @throws InvalidBody */
export function toInstance<B extends object>(type: new () => B, plain: object): B {
  try {
    const instance = plainToInstance(type, plain);
    const errors = validateSync(instance, {
      whitelist: true,
      forbidUnknownValues: true,
      stopAtFirstError: true,
      validationError: { target: false, value: false },
    });
    if (errors.length === 0) return instance;
    const problems = errors.flatMap((error) => describe(error, ''));
    throw new InvalidBody(type.name, problems);
  } catch (error) {
    // The stack is at its end, and will be each time that this body is looked into.
    if (error instanceof RangeError) throw new InvalidBody(type.name, ['/ is nested too deeply']);
    throw error;
  }
}

function describe(error: ValidationError, prefix: string): string[] {
  const path = `${prefix}/${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((text) => `${path} ${text}`);
  return [...own, ...(error.children ?? []).flatMap((child) => describe(child, path))];
}
