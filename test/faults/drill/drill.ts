import type { FlowName } from './protocol';
import type { Scene } from './scene';

export interface Drill {
  /** As in `--only`, in the table and in docs/GUARANTEES.md. */
  name: string;
  /** The flow it needs; `main` when not given. */
  flow?: FlowName;
  /** Messages that must end as dead letters. */
  dead?: number;
  /** Part of the short run that `npm test` makes. */
  quick?: boolean;
  /** Without any movement for this long it is over, in milliseconds. */
  patienceMs?: number;
  /** Brings the fault about, says so with `scene.fault`, and takes it away again. */
  run(scene: Scene): Promise<void>;
}
