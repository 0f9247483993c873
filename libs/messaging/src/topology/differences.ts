import type { QueueArguments, QueueShape, Topology } from './topology';

/** A queue as the broker has it. */
export interface FoundQueue {
  name: string;
  durable: boolean;
  exclusive: boolean;
  autoDelete: boolean;
  args: QueueArguments;
  /** What policies give it, by their keys: `dead-letter-exchange`. */
  policy: QueueArguments;
  /** Ready and unacknowledged, as of the broker's last count, which may be seconds old. */
  messages: number;
}

export interface FoundExchange {
  name: string;
  type: string;
  durable: boolean;
  alternate?: string;
}

/** What one virtual host holds; the broker's own exchanges are left out. */
export interface Found {
  exchanges: FoundExchange[];
  queues: FoundQueue[];
  bindings: Topology['bindings'];
}

export interface Difference {
  /** `later`: not there, and made at its first use. */
  kind: 'missing' | 'later' | 'extra' | 'different' | 'unfinished';
  what: 'exchange' | 'queue' | 'binding';
  /** Of a binding: `<exchange> → <queue> by "<key>"`. */
  name: string;
  /** Why it matters; of what differs: why a declaration of it is refused. */
  reason: string;
  /** What `apply` does about it; `by-hand` needs a person. */
  remedy: 'create' | 'replace' | 'return-messages' | 'prune' | 'by-hand';
}

/** Where the messages of a queue wait while it is replaced. */
export function holdingOf(queue: string): string {
  return `${queue}.moving`;
}

/** The exchange by which they come back, with the routing key they had. */
export function returnOf(queue: string): string {
  return `${queue}.returning`;
}

/** What is missing, extra or different on the broker. Empty when nothing is. */
export function compare(desired: Topology, found: Found): Difference[] {
  return [
    ...compareExchanges(desired, found),
    ...compareQueues(desired, found),
    ...compareBindings(desired, found),
  ];
}

function compareExchanges(desired: Topology, found: Found): Difference[] {
  const there = new Map(found.exchanges.map((exchange) => [exchange.name, exchange]));
  const ours = new Set([
    ...desired.exchanges.map(({ name }) => name),
    ...desired.queues.flatMap(({ name }) => [holdingOf(name), returnOf(name)]),
  ]);
  const compared = desired.exchanges.flatMap((exchange) => {
    const { name } = exchange;
    const other = there.get(name);
    if (other === undefined) {
      const reason = 'nothing can be published to it, and its queues get nothing';
      return missing('exchange', name, reason, exchange);
    }
    if (exchange.passive) return [];
    const want = fieldsOf({ ...exchange, durable: exchange.durable ?? true });
    return different('exchange', name, want, fieldsOf(other), 'by-hand');
  });
  const extra = found.exchanges.filter(({ name }) => !ours.has(name));
  const reason = 'no contract and no handler declares it';
  return [...compared, ...extra.map(({ name }) => surplus('exchange', name, reason))];
}

const fieldsOf = ({ type, durable, alternate }: FoundExchange): Fields => {
  return { type, durable, 'alternate-exchange': alternate };
};

function compareQueues(desired: Topology, found: Found): Difference[] {
  const there = new Map(found.queues.map((queue) => [queue.name, queue]));
  const ours = new Set(desired.queues.flatMap(({ name }) => [name, holdingOf(name)]));
  const compared = desired.queues.flatMap((queue) => {
    const { name } = queue;
    const reason = 'what is sent to it is returned, or kept by its sender';
    const other = there.get(name);
    const held = there.get(holdingOf(name));
    return [
      ...(other === undefined ? missing('queue', name, reason, queue) : mismatch(queue, other)),
      ...(held === undefined ? [] : [unfinished(name, held)]),
    ];
  });
  const extra = found.queues.filter(({ name, exclusive }) => !ours.has(name) && !exclusive);
  return [
    ...compared,
    ...extra.map(({ name, messages }) =>
      surplus('queue', name, `no handler takes from it; it holds ${messages} messages`),
    ),
  ];
}

function mismatch(queue: QueueShape, found: FoundQueue): Difference[] {
  const { name, args, durable: isDurable = true, passive } = queue;
  if (passive) return [];
  // A queue without a type is a classic one.
  const type = { 'x-queue-type': 'classic' };
  const want = { durable: isDurable, 'auto-delete': false, exclusive: false, ...type, ...args };
  const { durable, autoDelete, exclusive } = found;
  const have = { durable, 'auto-delete': autoDelete, exclusive, ...type, ...found.args };
  // Nothing can be taken out of a stream, so that it cannot be moved.
  const isStream = [args, found.args].some((one) => one['x-queue-type'] === 'stream');
  return different('queue', name, want, have, exclusive || isStream ? 'by-hand' : 'replace');
}

function unfinished(queue: string, { name, messages }: FoundQueue): Difference {
  const reason = `${messages} messages of ${queue} wait here since a move was interrupted`;
  return { kind: 'unfinished', what: 'queue', name, reason, remedy: 'return-messages' };
}

function compareBindings(desired: Topology, found: Found): Difference[] {
  const has = (list: Topology['bindings'], one: Topology['bindings'][number]) =>
    list.some((other) => nameOf(other) === nameOf(one));
  const queues = new Set(desired.queues.map(({ name }) => name));
  const helpers = new Set(desired.queues.map(({ name }) => returnOf(name)));
  const absent = desired.bindings.filter((one) => !has(found.bindings, one));
  const extra = found.bindings.filter(
    (one) => queues.has(one.queue) && !helpers.has(one.exchange) && !has(desired.bindings, one),
  );
  return [
    ...absent.flatMap((one) =>
      missing('binding', nameOf(one), `${one.queue} does not get what is published there`, one),
    ),
    ...extra.map((one) =>
      surplus('binding', nameOf(one), `${one.queue} gets messages that no handler asked for`),
    ),
  ];
}

type What = Difference['what'];

function missing(
  what: What,
  name: string,
  reason: string,
  { atFirstUse, passive }: { atFirstUse?: true; passive?: true },
): Difference[] {
  if (passive) return [{ kind: 'missing', what, name, reason, remedy: 'by-hand' }];
  return atFirstUse
    ? [{ kind: 'later', what, name, reason: 'made at its first use', remedy: 'create' }]
    : [{ kind: 'missing', what, name, reason, remedy: 'create' }];
}

function surplus(what: What, name: string, reason: string): Difference {
  return { kind: 'extra', what, name, reason, remedy: 'prune' };
}

type Fields = Record<string, string | number | boolean | undefined>;

/** Why the broker refuses a declaration of what it has already; empty when it does not. */
function different(
  what: What,
  name: string,
  want: Fields,
  have: Fields,
  remedy: Difference['remedy'],
): Difference[] {
  const shown = (value: Fields[string]) => (value === undefined ? 'none' : JSON.stringify(value));
  const reasons = [...new Set([...Object.keys(want), ...Object.keys(have)])]
    .filter((field) => want[field] !== have[field])
    .map((field) => `${field}: desired ${shown(want[field])}, is ${shown(have[field])}`);
  const reason = `${what}.declare is refused (406): ${reasons.join('; ')}`;
  return reasons.length === 0 ? [] : [{ kind: 'different', what, name, reason, remedy }];
}

export function nameOf({ exchange, queue, key }: Topology['bindings'][number]): string {
  return `${exchange} → ${queue} by "${key}"`;
}
