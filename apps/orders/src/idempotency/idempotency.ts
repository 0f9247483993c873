import { Problem } from '@tradepost/service';
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json';
import type { KeyGiven } from './idempotency-key';
import type { OrderDetails } from '../order/order-details';

/** What a request asks for. A key is good for one of them: the same for both is two keys. */
export type Route = 'place-order' | 'cancel-order';

/** A POST that asked to be done once: its key, and what it asked for. */
export interface Attempt {
  route: Route;
  /** In which the key is unique: the route, and whose it is. */
  scope: string;
  key: string;
  fingerprint: Buffer;
}

/** The whole of an answer: what makes it the same when it is given again. */
export interface Answer {
  orderId: string;
  status: number;
  /** By their names in lower case. */
  headers: Record<string, string>;
  /** The order as JSON text. */
  body: string;
}

export interface Given extends Answer {
  /** The answer is that of an earlier request with the same Idempotency-Key. */
  replayed: boolean;
}

/** @param asked all that makes it this request and no other; given undefined: it has no key */
export function attemptOf(
  route: Route,
  given: KeyGiven | undefined,
  asked: object,
): Attempt | undefined {
  if (given === undefined) return undefined;
  const { key, caller } = given;
  const scope = caller === undefined ? route : `${route} ${caller}`;
  return { route, scope, key, fingerprint: fingerprintOf(asked) };
}

/** The answer to who placed an order, and to who cancelled one. */
export function answerWith(order: OrderDetails, route: Route): Answer {
  const { id } = order;
  const placed = route === 'place-order';
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return {
    orderId: id,
    status: placed ? 201 : 200,
    headers: placed ? { ...type, location: `/v1/orders/${id}` } : type,
    body: JSON.stringify(order),
  };
}

/** SHA-256 of a body as canonical JSON: what says the same has the same. */
export function fingerprintOf(body: object): Buffer {
  return createHash('sha256').update(canonicalJson(body)).digest();
}

/** The key was used for another request. */
export function keyReused(): Problem {
  return new Problem({
    status: 422,
    type: 'idempotency-key-reused',
    title: 'This Idempotency-Key was used for another request',
    detail: 'send the body that this key was first sent with, or take a new key',
  });
}

/** The first request with this key has not been answered yet. */
export function stillRunning(): Problem {
  return new Problem({
    status: 409,
    type: 'idempotency-key-in-use',
    title: 'A request with this Idempotency-Key is still running',
    detail: 'ask again in a second',
    headers: { 'Retry-After': '1' },
  });
}
