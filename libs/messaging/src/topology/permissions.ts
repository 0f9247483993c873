import type { Contract } from '../contract';
import { auditStream } from '../dead-letters/audit-trail';
import { lockQueue } from '../dead-letters/operators-lock';
import { deadQueue, type Wiring } from '../handlers/handler';
import { keyFieldOf } from '../ordered/in-order';
import { takenBy } from '../ordered/keyed-topology';
import { keysExchange } from '../ordered/slots';
import { requiredTopology } from './desired-topology';
import { anyOf, literal } from './name-pattern';
import { doorOf, replyExchange, simpleWays, type Ways } from './ways';

/** Of a user in a virtual host, as regular expressions over names. */
export interface Permissions {
  configure: string;
  write: string;
  read: string;
  /** By which keys it tells topics, as regular expressions; of others any. */
  topics: TopicPermission[];
}

export interface TopicPermission {
  exchange: string;
  write: string;
  read: string;
}

/**
 * The least with which a service works whose topology is there already: it declares nothing but
 * the operators' lock, which exists only while it is held, and in strict mode its reply queues.
 * @param sends what it sends, tells and asks
 */
export function permissionsOf(
  wirings: readonly Wiring[],
  sends: readonly Contract[] = [],
  ways = simpleWays,
): Permissions {
  const failing = wirings.filter(({ kind }) => kind !== 'rpc');
  const queues = wirings.flatMap(takenBy).map(({ queue }) => queue);
  const dead = failing.map(({ queue }) => deadQueue(queue));
  const [lock, audit] = failing.length > 0 ? [[lockQueue], [auditStream]] : [[], []];
  const taken = [...queues, ...dead, ...audit];
  const writes = writesOf(wirings, sends, ways);
  if (ways.isStrict) {
    const asks = sends.some(({ route }) => route.kind === 'rpc');
    const replies = asks ? [`${literal(ways.replyPrefix)}[0-9a-f-]{36}`] : [];
    return {
      configure: anyOf(lock, replies),
      write: anyOf(writes, replies),
      read: anyOf(asks ? [...taken, replyExchange] : taken, replies),
      topics: topicsOf(sends),
    };
  }
  // Nothing is declared at a start where it is there, but everything is bound.
  const { bindings, exchangeBindings = [] } = requiredTopology(wirings);
  const bound = [...bindings.map(({ queue }) => queue), ...exchangeBindings.map(({ to }) => to)];
  const from = [
    ...bindings.map(({ exchange }) => exchange),
    ...exchangeBindings.map(({ from: exchange }) => exchange),
  ];
  // By the default exchange go works, questions, answers, dead letters and replays.
  const needsDefault = wirings.length > 0 || sends.some(({ route }) => 'queue' in route);
  const byDefault = needsDefault ? ['amq.default'] : [];
  const write = anyOf([...byDefault, ...writes, ...bound]);
  return { configure: anyOf(lock), write, read: anyOf([...taken, ...from]), topics: [] };
}

/** The exchanges that a service publishes to, but the default one, which has no name. */
export function writesOf(
  wirings: readonly Wiring[],
  sends: readonly Contract[] = [],
  ways: Ways,
): string[] {
  const failing = wirings.filter(({ kind }) => kind !== 'rpc');
  const sent = sends.map((contract) => exchangeOf(contract, ways));
  const tiers = failing.flatMap(({ retry, inOrder }) =>
    inOrder ? [] : retry.map((tier) => ways.intoTier(tier, '').exchange),
  );
  const answers = failing.length < wirings.length ? [replyExchange] : [];
  const own = failing.flatMap(({ queue }) => [doorOf(queue), doorOf(deadQueue(queue))]);
  const audit = failing.length > 0 ? [doorOf(auditStream)] : [];
  const named = [...sent, ...tiers, ...(ways.isStrict ? [...own, ...audit, ...answers] : [])];
  return [...new Set(named)].filter((name) => name !== '');
}

function exchangeOf({ route }: Contract, ways: Ways): string {
  if ('exchange' in route) return route.exchange;
  if (keyFieldOf({ route }) !== undefined) return keysExchange(route.queue);
  return ways.to(route.queue).exchange;
}

function topicsOf(sends: readonly Contract[]): TopicPermission[] {
  return sends.flatMap(({ route }) => {
    if (route.kind !== 'topic' || route.keys === undefined) return [];
    return [{ exchange: route.exchange, write: anyOf(route.keys), read: '^$' }];
  });
}
