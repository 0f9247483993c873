import type { Pattern } from '../handlers/pattern';
import { sent, shared, type Sent } from './desired-topology';
import { merge, type Topology } from './topology';
import type { Mode } from './ways';

/** What a running service says that it declares, and what it sends. */
interface Declared {
  topology: Topology;
  /** `simple` when not given. */
  mode?: Mode;
  queueReplicas?: number;
  sends: readonly ({ pattern: Pattern } & Omit<Sent, 'kind'>)[];
}

/** What running services need of the broker together: as `desiredTopology`, without their code. */
export function topologyOfServices(services: readonly Declared[]): Topology {
  const exchanges = services.flatMap(({ sends, mode = 'simple' }) =>
    sends.map(({ pattern: kind, ...where }) => sent({ kind, ...where }, mode)),
  );
  const mode = services.some((one) => one.mode === 'strict') ? 'strict' : 'simple';
  const replicas = services.find((one) => one.queueReplicas !== undefined)?.queueReplicas;
  const topologies = services.map(({ topology }) => topology);
  return merge([...topologies, ...exchanges, shared(mode, replicas)]);
}
