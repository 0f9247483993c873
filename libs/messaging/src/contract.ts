import { WiringError } from './wiring-error';

/**
 * A route says how a message travels. Every contract carries one as `static readonly route`, and
 * everything on the broker (exchanges, queues, bindings) is derived from it.
 */

/** Someone does it, once: one durable queue, shared by every replica of its owner. */
export interface WorkRoute {
  readonly kind: 'work';
  readonly queue: string;
  readonly bundled: boolean;
  /** The field of the body by which they are sent in order. */
  readonly key?: string;
}

/** Everyone hears it: one fanout exchange, one queue for each service that listens. */
export interface FanoutRoute {
  readonly kind: 'fanout';
  readonly exchange: string;
  readonly bundled: boolean;
  /** The field of the body by which they are sent in order. */
  readonly key?: string;
}

/** Hear the part you want: a topic exchange, queues bound by patterns. */
export interface TopicRoute {
  readonly kind: 'topic';
  readonly exchange: string;
  readonly anyText: boolean;
  readonly keys?: readonly string[];
}

/** Ask, and get an answer or an error: one queue, replies go straight back to the caller. */
export interface RpcRoute<Reply extends object = object> {
  readonly kind: 'rpc';
  readonly queue: string;
  readonly reply: new () => Reply;
  /** Asking changes nothing: of equal questions in flight a process asks one. */
  readonly readOnly: boolean;
}

export type Route = WorkRoute | FanoutRoute | TopicRoute | RpcRoute;

export interface SendOptions {
  /**
   * What one transaction sends travels together, up to 16 messages in one of the broker's, as a
   * list of CloudEvents. Handlers get each alone, whichever way it came.
   */
  bundled?: boolean;
  /**
   * A field of the body, a string or an integer. Messages with the same value there are sent in
   * order: none before the ones sent earlier are at the broker.
   */
  key?: string;
}

/**
 * @param queue `<owner>.<verb>-<noun>`, for example `orders.confirm-order`
 * @throws WiringError bundled, and with a key
 */
export function work(queue: string, options: SendOptions = {}): WorkRoute {
  return { kind: 'work', queue, ...sent(queue, options) };
}

/**
 * @param exchange what happened, in the past tense: `sale-finalized`
 * @throws WiringError bundled, and with a key
 */
export function fanout(exchange: string, options: SendOptions = {}): FanoutRoute {
  return { kind: 'fanout', exchange, ...sent(exchange, options) };
}

function sent(name: string, { bundled = false, key }: SendOptions) {
  if (bundled && key !== undefined) {
    throw new WiringError(
      `${name} cannot be bundled and have a key: the messages of a bundle travel together, ` +
        'those of a key one after another',
    );
  }
  return { bundled, ...(key !== undefined && { key }) };
}

/**
 * @param exchange the subject: `logs`
 * @param options `anyText`: a body may hold U+0000 and halves of surrogate pairs, for which its
 * listeners care; elsewhere they are refused, since no database stores them. `keys`: what it is
 * told by, where these are few, for who reads of it
 */
export function topic(
  exchange: string,
  { anyText = false, keys }: { anyText?: boolean; keys?: readonly string[] } = {},
): TopicRoute {
  return { kind: 'topic', exchange, anyText, ...(keys && { keys }) };
}

/**
 * @param queue `<owner>.<verb>-<noun>`, for example `users.get-user`
 * @param options `readOnly`: asking changes nothing, so that equal questions may share an answer
 */
export function rpc<Reply extends object>(
  queue: string,
  reply: new () => Reply,
  { readOnly = false }: { readOnly?: boolean } = {},
): RpcRoute<Reply> {
  return { kind: 'rpc', queue, reply, readOnly };
}

/** A message class: its instances are bodies, its route says how they travel. */
export interface Contract<R extends Route = Route> {
  new (): object;
  readonly name: string;
  readonly route: R;
  /** What its messages say that they are; without it the name of the class. */
  readonly type?: string;
  /** How a body of an older version becomes one of today's. */
  readonly upcasts?: readonly Upcast[];
}

export interface Upcast<Old extends Contract = Contract, Today extends object = object> {
  readonly from: Old;
  make(old: Body<Old>): Today;
}

/**
 * For a while bodies of `from` still come: from outboxes, queues, retry tiers and dead letters, and
 * from replicas of an older release. Of a body that today's contract refuses and `from` allows,
 * `make` makes today's, before a handler sees it. `from` may have upcasts of its own.
 */
export function upcast<Old extends Contract, Today extends object>(
  from: Old,
  make: (old: Body<Old>) => Today,
): Upcast<Old, Today> {
  return { from, make };
}

/** What a message of the contract says that it is, in its `type`. */
export function typeOf({ type, name }: Contract): string {
  return type ?? name;
}

export type WorkContract = Contract<WorkRoute>;
export type FanoutContract = Contract<FanoutRoute>;
export type TopicContract = Contract<TopicRoute>;
export type RpcContract = Contract<RpcRoute>;

/** The body of a contract, as plain data. */
export type Body<C extends Contract> = InstanceType<C>;

/** What the handler of an rpc contract answers. */
export type Reply<C extends RpcContract> = InstanceType<C['route']['reply']>;
