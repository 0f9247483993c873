import type { Body, Contract } from './contract';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { buildInstance } from './validation/build-instance';
import { BadJson, InvalidBody, asError } from './errors';
import { utf8Text } from './utf8';
import { canonicalIds } from './validation/canonical-ids';
import { inheritedIn, inheritedName } from './validation/plain';
import { brokenIn, mayHoldBroken, notStorable } from './validation/storable';

/**
 * Content as it came → an instance of the contract. Unknown fields are dropped, never refused: a
 * sender may know more than we do. Names that every object has are refused, wherever they are.
 * @throws BadJson the content is not a JSON object
 * @throws InvalidBody a field is missing or wrong
 */
export function parseBody<B extends object>(type: new () => B, content: Buffer): B {
  return bodyFrom(type, parseJson(content), mayHoldBroken(content));
}

/** @throws BadJson the content is not a JSON object */
export function parseJson(content: Buffer): object {
  return objectOf(jsonOf(content));
}

/** What V8 quotes of the text: a token of a payment, as likely as not, on its way to a log. */
const quoted = /, (?:\.{3})?"[^]*"(?:\.{3})? (?=is not valid JSON)/;

/** @throws BadJson */
export function jsonOf(content: Buffer): unknown {
  const text = utf8Text(content);
  if (text === undefined) throw new BadJson('not UTF-8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadJson(`not JSON: ${(error as Error).message.replace(quoted, ' ')}`);
  }
}

/** @throws BadJson a list, or no object at all */
export function objectOf(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new BadJson('not a JSON object');
}

/** Our own body on its way out, checked as the receiver will check it. @throws InvalidBody */
export function encodeBody<C extends Contract>(contract: C, body: Body<C>): string {
  return encodeInstance(contract, toInstance(contract, body));
}

/** @throws InvalidBody it holds what no database stores */
export function encodeInstance(contract: Contract, instance: object): string {
  const json = JSON.stringify(instance);
  if (mayHoldBroken(json)) refuseBroken(contract, instance);
  return json;
}

/**
 * A body from outside. What no database stores is refused at once, unless it is in a field that is
 * dropped: a handler would fail of it at each attempt.
 * @param mayBeBroken of the JSON that `plain` comes from: see `mayHoldBroken`
 * @throws InvalidBody
 */
export function bodyFrom<B extends object>(
  type: new () => B,
  plain: object,
  mayBeBroken: boolean,
): B {
  const instance = todaysInstance(type, plain);
  if (mayBeBroken) refuseBroken(type, instance);
  return instance;
}

/** Also of a body as an older version of the contract has it. @throws InvalidBody */
function todaysInstance<B extends object>(type: new () => B, plain: object): B {
  const { upcasts } = type as Partial<Contract>;
  if (upcasts === undefined) return toInstance(type, plain);
  return unlessRefused(
    () => toInstance(type, plain),
    (refusal) => {
      for (const one of upcasts) {
        const old = unlessRefused(
          () => todaysInstance(one.from, plain),
          () => undefined,
        );
        if (old !== undefined) return toInstance(type, one.make(old));
      }
      throw refusal;
    },
  );
}

function unlessRefused<T, E>(get: () => T, otherwise: (refusal: InvalidBody) => E): T | E {
  try {
    return get();
  } catch (error) {
    if (error instanceof InvalidBody) return otherwise(error);
    throw error;
  }
}

function refuseBroken(type: new () => object, instance: object): void {
  const { route } = type as Partial<Contract>;
  if (route?.kind === 'topic' && route.anyText) return;
  const field = brokenIn(instance);
  if (field !== undefined) throw new InvalidBody(type.name, [`${field} ${notStorable}`]);
}

/** @param plain is given away: the instance may hold parts of it. @throws InvalidBody */
export function toInstance<B extends object>(type: new () => B, plain: object): B {
  return buildInstance(type, plain) ?? judgedInstance(type, plain);
}

/** @throws InvalidBody */
export function judgedInstance<B extends object>(type: new () => B, plain: object): B {
  try {
    // class-transformer leaves some of them out, and calls others.
    const at = inheritedIn(plain);
    if (at !== undefined) throw new InvalidBody(type.name, [`${at} ${inheritedName}`]);
    const instance = plainToInstance(type, plain);
    const errors = validateSync(instance, {
      whitelist: true,
      forbidUnknownValues: true,
      stopAtFirstError: true,
      validationError: { target: false, value: false },
    });
    if (errors.length === 0) {
      canonicalIds(instance);
      return instance;
    }
    const problems = errors.flatMap((error) => describe(error, ''));
    throw new InvalidBody(type.name, problems);
  } catch (error) {
    if (error instanceof InvalidBody) throw error;
    // The stack is at its end, or a value has tripped a rule: so it will each time.
    const problem = error instanceof RangeError ? 'is nested too deeply' : 'cannot be judged';
    throw new InvalidBody(type.name, [`/ ${problem}: ${asError(error).message}`]);
  }
}

function describe(error: ValidationError, prefix: string): string[] {
  const path = `${prefix}/${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((text) => `${path} ${text}`);
  return [...own, ...(error.children ?? []).flatMap((child) => describe(child, path))];
}
