import type { Contract } from '../contract';
import { auditTopology } from '../dead-letters/audit-trail';
import { queueTopology, type Wiring } from '../handlers/handler';
import type { Pattern } from '../handlers/pattern';
import { tierTopology } from '../consume/retry-tiers';
import { fanoutType, keysExchange } from '../ordered/slots';
import { merge, type Topology } from './topology';
import { replyExchange, simpleWays, Ways, type Mode } from './ways';

/** What these handlers need: their queues, and where their failed messages wait and end. */
export function requiredTopology(wirings: readonly Wiring[], ways = simpleWays): Topology {
  const tiers = wirings.flatMap(({ kind, retry, inOrder }) => {
    return kind === 'rpc' || inOrder !== undefined ? [] : retry;
  });
  return merge([
    ...wirings.map((wiring) => queueTopology(wiring, ways)),
    ...[...new Set(tiers)].map((tier) => tierTopology(tier, ways)),
  ]);
}

/**
 * What handlers need, the exchanges of all contracts, and the audit trail of dead letters.
 * @param wirings by service
 */
export function desiredTopology(
  wirings: Readonly<Record<string, readonly Wiring[]>>,
  contracts: readonly Contract[],
  mode: Mode = 'simple',
  replicas?: number,
): Topology {
  const required = Object.entries(wirings).map(([service, own]) =>
    requiredTopology(own, new Ways(mode, service, replicas)),
  );
  const all = contracts.map(({ route }) => sent(route, mode));
  return merge([...required, ...all, shared(mode, replicas)]);
}

/** The route of a contract, as far as it says where messages go. */
export interface Sent {
  kind: Pattern;
  exchange?: string;
  queue?: string;
  key?: string;
}

/** Where a message goes: an exchange. */
export function sent({ kind, exchange, queue, key }: Sent, mode: Mode): Partial<Topology> {
  if (exchange !== undefined && (kind === 'fanout' || kind === 'topic')) {
    const type = kind === 'fanout' ? fanoutType({ key }) : kind;
    return { exchanges: [{ name: exchange, type }] };
  }
  if (queue !== undefined && key !== undefined) {
    return { exchanges: [{ name: keysExchange(queue), type: 'direct' }] };
  }
  const { exchanges } = queue === undefined ? {} : new Ways(mode).doors(queue);
  return { exchanges };
}

/** What belongs to no service. */
export function shared(mode: Mode, replicas?: number): Partial<Topology> {
  const audit = auditTopology(new Ways(mode, '', replicas));
  if (mode === 'simple') return audit;
  return merge([audit, { exchanges: [{ name: replyExchange, type: 'direct' }] }]);
}
