import type { Contract } from '../contract';
import { auditTopology } from '../dead-letters/audit-trail';
import { queueTopology, type Wiring } from '../handlers/handler';
import { tierTopology } from '../consume/retry-tiers';
import { merge, type Topology } from './topology';

/** What these handlers need: their queues, and where their failed messages wait and end. */
export function requiredTopology(wirings: readonly Wiring[]): Topology {
  const tiers = wirings.flatMap(({ kind, retry }) => (kind === 'rpc' ? [] : retry));
  return merge([...wirings.map(queueTopology), ...[...new Set(tiers)].map(tierTopology)]);
}

/** What handlers need, the exchanges of all contracts, and the audit trail of dead letters. */
export function desiredTopology(
  wirings: readonly Wiring[],
  contracts: readonly Contract[],
): Topology {
  const published = contracts.flatMap(({ route }) =>
    route.kind === 'fanout' || route.kind === 'topic'
      ? [{ name: route.exchange, type: route.kind }]
      : [],
  );
  return merge([requiredTopology(wirings), { exchanges: published }, auditTopology]);
}
