import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../harness/faults';
import type { DrillContext } from './context';
import type { Library } from './library';
import type { FlowName } from './protocol';

export interface OwnDatabase {
  url: string;
  stop(): Promise<void>;
}

export interface Drill {
  /** As in `--only`, in the table and in docs/GUARANTEES.md. */
  name: string;
  flow?: FlowName;
  /** Messages that must end as dead letters. */
  dead?: number;
  /** Part of the short run that `npm run test:slow` makes. */
  quick?: boolean;
  /** Without any movement for this long it is over. */
  quietMs?: number;
  /** Committed work is gone afterwards: the drill shows what that means. */
  loses?: boolean;
  /** One for itself instead of the run's. */
  database?(): Promise<OwnDatabase>;
  /** Why it cannot be brought about there; undefined when it can. */
  skipped?(library: Library, brokerVersion: string): string | undefined;
  /** Brings the fault about, counts it with `context.fault`, and takes it away again. */
  run(context: DrillContext): Promise<void>;
}

/** Under load: the fault, for so long. */
export function outage(
  name: string,
  forMs: number,
  faultOf: (context: DrillContext) => Fault,
  more: Partial<Drill> = {},
): Drill {
  return {
    name,
    ...more,
    async run(context) {
      await context.underLoad(async () => {
        await delay(2_000);
        await context.inject(faultOf(context), forMs);
        await delay(1_000);
      });
    },
  };
}
