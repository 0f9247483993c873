import type { Contract } from '../contract';
import { InvalidBody } from '../errors';

/** Bytes of a routing key. */
const keyMax = 255;

/**
 * By which a message is in order with others, as its routing key.
 * @param body as its receiver has it: an id is spelled in one way there
 * @throws InvalidBody
 */
export function keyOf(contract: Contract, field: string, body: object): string {
  const value = (body as Record<string, unknown>)[field];
  if (Number.isSafeInteger(value)) return String(value);
  const isText = typeof value === 'string' && value !== '';
  if (isText && Buffer.byteLength(value) <= keyMax) return value;
  throw new InvalidBody(contract.name, [
    `/${field} is the key: a text of 1 to ${keyMax} bytes, or a safe integer`,
  ]);
}
