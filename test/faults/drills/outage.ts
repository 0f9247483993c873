import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../harness/faults';
import type { DrillContext } from './context';
import type { Drill } from './drill';

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
