import type { Contract } from '../contract';
import { auditTopology } from '../dead-letters/audit-trail';
import { queueTopology, type Wiring } from '../handler';
import { tierTopology } from '../tiers';
import { merge, type Topology } from './topology';

/** What these handlers need: their queues, and where their failed messages wait and end. */
export function neededBy(wirings: readonly Wiring[]): Topology {
  const tiers = wirings.flatMap(({ kind, retry }) => (kind === 'rpc' ? [] : retry));
  return merge([...wirings.map(queueTopology), ...[...new Set(tiers)].map(tierTopology)]);
}

/**
 * What handlers need and what contracts are said to, whether anybody listens or not; and the record
 * of what operators did with dead letters.
 */
export function wantedBy(wirings: readonly Wiring[], contracts: readonly Contract[]): Topology {
  const said = contracts.flatMap(({ route }) =>
    route.kind === 'fanout' || route.kind === 'topic'
      ? [{ name: route.exchange, type: route.kind }]
      : [],
  );
  const exchanges = { exchanges: said, queues: [], bindings: [] };
  return merge([neededBy(wirings), exchanges, auditTopology]);
}
