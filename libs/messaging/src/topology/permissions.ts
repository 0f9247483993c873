import type { Contract } from '../contract';
import { auditStream } from '../dead-letters/audit-trail';
import { lockQueue } from '../dead-letters/operators-lock';
import { deadQueue, type Wiring } from '../handlers/handler';
import { requiredTopology } from './desired-topology';

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
 * the operators' lock, which exists only while it is held.
 * @param sends what it sends, tells and asks
 */
export function permissionsOf(
  wirings: readonly Wiring[],
  sends: readonly Contract[] = [],
): Permissions {
  const { bindings, exchangeBindings = [] } = requiredTopology(wirings);
  const failing = wirings.filter(({ kind }) => kind !== 'rpc');
  // Nothing is declared at a start where it is there, but everything is bound.
  const bound = [...bindings.map(({ queue }) => queue), ...exchangeBindings.map(({ to }) => to)];
  const from = [
    ...bindings.map(({ exchange }) => exchange),
    ...exchangeBindings.map(({ from: exchange }) => exchange),
  ];
  const published = sends.flatMap(({ route }) => ('exchange' in route ? [route.exchange] : []));
  const tiers = failing.flatMap(({ retry }) => retry.map((tier) => `retry.${tier}`));
  const dead = failing.map(({ queue }) => deadQueue(queue));
  const hasDeadLetters = failing.length > 0;
  // By the default exchange go works, questions, answers, dead letters and replays.
  const needsDefault = wirings.length > 0 || sends.some(({ route }) => 'queue' in route);
  const byDefault = needsDefault ? ['amq.default'] : [];
  return {
    configure: anyOf(hasDeadLetters ? [lockQueue] : []),
    write: anyOf([...byDefault, ...bound, ...published, ...tiers]),
    read: anyOf([
      ...wirings.map(({ queue }) => queue),
      ...dead,
      ...from,
      ...(hasDeadLetters ? [auditStream] : []),
    ]),
    topics: [],
  };
}

/** Matches these names, and no other. */
export function anyOf(names: readonly string[]): string {
  const each = [...new Set(names)]
    .sort()
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return each.length === 0 ? '^$' : `^(${each.join('|')})$`;
}
