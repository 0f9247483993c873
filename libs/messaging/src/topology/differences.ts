import type { QueueArguments, Topology } from './topology';

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
  const base = { what: 'exchange' } as const;
  const differences = desired.exchanges.flatMap((exchange): Difference[] => {
    const { name, type, alternate } = exchange;
    const other = there.get(name);
    if (other === undefined) {
      const reason = 'nothing can be published to it, and its queues get nothing';
      return [missing('exchange', name, reason, exchange)];
    }
    const reasons = [
      ...(other.type === type ? [] : [`type: desired ${type}, is ${other.type}`]),
      ...(other.durable ? [] : ['durable: desired true, is false']),
      ...(other.alternate === alternate
        ? []
        : [`alternate-exchange: desired ${shown(alternate)}, is ${shown(other.alternate)}`]),
    ];
    const reason = `exchange.declare is refused (406): ${reasons.join('; ')}`;
    return reasons.length === 0
      ? []
      : [{ ...base, kind: 'different', name, reason, remedy: 'by-hand' }];
  });
  const extra = found.exchanges.filter(({ name }) => !ours.has(name));
  const reason = 'no contract and no handler declares it';
  return [
    ...differences,
    ...extra.map(
      ({ name }) => ({ ...base, kind: 'extra', name, reason, remedy: 'prune' }) as const,
    ),
  ];
}

function compareQueues(desired: Topology, found: Found): Difference[] {
  const there = new Map(found.queues.map((queue) => [queue.name, queue]));
  const ours = new Set(desired.queues.flatMap(({ name }) => [name, holdingOf(name)]));
  const base = { what: 'queue' } as const;
  const differences = desired.queues.flatMap((queue): Difference[] => {
    const { name, args } = queue;
    const other = there.get(name);
    const held = there.get(holdingOf(name));
    const all: Difference[] = [];
    if (other === undefined) {
      const reason = 'what is sent to it is returned, or kept by its sender';
      all.push(missing('queue', name, reason, queue));
    } else if (whyRefused(args, other).length > 0) {
      const reason = `queue.declare is refused (406): ${whyRefused(args, other).join('; ')}`;
      // Nothing can be taken out of a stream, so that it cannot be moved.
      const isStream = [args, other.args].some((one) => one['x-queue-type'] === 'stream');
      const remedy = other.exclusive || isStream ? 'by-hand' : 'replace';
      all.push({ ...base, kind: 'different', name, reason, remedy });
    }
    if (held !== undefined) {
      const reason = `${held.messages} messages of ${name} wait here since a move was interrupted`;
      all.push({ ...base, kind: 'unfinished', name: held.name, reason, remedy: 'return-messages' });
    }
    return all;
  });
  const extra = found.queues.filter(({ name, exclusive }) => !ours.has(name) && !exclusive);
  return [
    ...differences,
    ...extra.map(({ name, messages }): Difference => {
      const reason = `no handler takes from it; it holds ${messages} messages`;
      return { ...base, kind: 'extra', name, reason, remedy: 'prune' };
    }),
  ];
}

function missing(
  what: Difference['what'],
  name: string,
  reason: string,
  { atFirstUse }: { atFirstUse?: true },
): Difference {
  return atFirstUse
    ? { kind: 'later', what, name, reason: 'made at its first use', remedy: 'create' }
    : { kind: 'missing', what, name, reason, remedy: 'create' };
}

/** Why the broker refuses to declare a queue that it has already; empty when it does not. */
function whyRefused(desired: QueueArguments, found: FoundQueue): string[] {
  // Said or not, a queue without a type is a classic one.
  const want: QueueArguments = { 'x-queue-type': 'classic', ...desired };
  const have: QueueArguments = { 'x-queue-type': 'classic', ...found.args };
  const names = [...new Set([...Object.keys(want), ...Object.keys(have)])].sort();
  return [
    ...(found.durable ? [] : ['durable: desired true, is false']),
    ...(found.autoDelete ? ['auto-delete: desired false, is true'] : []),
    ...(found.exclusive ? ['exclusive: desired false, is true'] : []),
    ...names
      .filter((name) => want[name] !== have[name])
      .map((name) => `${name}: desired ${shown(want[name])}, is ${shown(have[name])}`),
  ];
}

function shown(value: string | number | boolean | undefined): string {
  return value === undefined ? 'none' : JSON.stringify(value);
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
    ...absent.map((one): Difference => {
      const reason = `${one.queue} does not get what is published there`;
      return missing('binding', nameOf(one), reason, one);
    }),
    ...extra.map((one): Difference => {
      const reason = `${one.queue} gets messages that its handler did not ask for`;
      return { kind: 'extra', what: 'binding', name: nameOf(one), reason, remedy: 'prune' };
    }),
  ];
}

export function nameOf({ exchange, queue, key }: Topology['bindings'][number]): string {
  return `${exchange} → ${queue} by "${key}"`;
}
