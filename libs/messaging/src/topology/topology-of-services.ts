import { auditTopology } from '../dead-letters/audit-trail';
import { merge, type ExchangeShape, type Topology } from './topology';

/** What a running service says that it declares, and what it sends. */
interface Declared {
  topology: Topology;
  sends: readonly { pattern: string; exchange?: string }[];
}

/** What running services need of the broker together: as `desiredTopology`, without their code. */
export function topologyOfServices(services: readonly Declared[]): Topology {
  const exchanges = services.flatMap(({ sends }) =>
    sends.flatMap(({ pattern, exchange: name }): ExchangeShape[] =>
      name !== undefined && (pattern === 'fanout' || pattern === 'topic')
        ? [{ name, type: pattern }]
        : [],
    ),
  );
  return merge([...services.map(({ topology }) => topology), { exchanges }, auditTopology]);
}
