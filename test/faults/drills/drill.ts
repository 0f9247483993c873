import type { DrillContext } from './context';
import type { FlowName } from './protocol';

export interface Drill {
  /** As in `--only`, in the table and in docs/GUARANTEES.md. */
  name: string;
  /** The flow it needs; `main` when not given. */
  flow?: FlowName;
  /** Messages that must end as dead letters. */
  dead?: number;
  /** Part of the short run that `npm run test:slow` makes. */
  quick?: boolean;
  /** Without any movement for this long it is over. */
  quietMs?: number;
  /** Brings the fault about, counts it with `context.fault`, and takes it away again. */
  run(context: DrillContext): Promise<void>;
}
