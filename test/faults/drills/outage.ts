import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../harness/faults';
import type { DrillContext } from './context';
import type { Drill } from './drill';

const beforeMs = 2_000;
const afterMs = 1_000;

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
        await delay(beforeMs);
        await context.inject(faultOf(context), forMs);
        await delay(afterMs);
      });
    },
  };
}
