import type { Pattern } from '../handlers/pattern';
import { sent, shared } from './desired-topology';
import { merge, type Topology } from './topology';
import type { Mode } from './ways';

/** What a running service says that it declares, and what it sends. */
interface Declared {
  topology: Topology;
  /** `simple` when not given. */
  mode?: Mode;
  sends: readonly { pattern: Pattern; exchange?: string; queue?: string }[];
}

/** What running services need of the broker together: as `desiredTopology`, without their code. */
export function topologyOfServices(services: readonly Declared[]): Topology {
  const exchanges = services.flatMap(({ sends, mode = 'simple' }) =>
    sends.map(({ pattern: kind, ...where }) => sent({ kind, ...where }, mode)),
  );
  const isStrict = services.some(({ mode }) => mode === 'strict');
  const topologies = services.map(({ topology }) => topology);
  return merge([...topologies, ...exchanges, shared(isStrict ? 'strict' : 'simple')]);
}
