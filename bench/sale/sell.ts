import { untilNone } from '../harness/until-none';
import { cpuFigures, measure, percentiles } from '../harness/measure';
import type { Figures } from '../harness/work';
import type { Placed } from './client';
import type { SaleSystem } from './system';

/** Of buyers that place orders as fast as they can. */
export const connections = 32;
const pollMs = 20;

/** Places orders, waits until all are completed, and says how that went. */
export async function sell(
  system: SaleSystem,
  placing: () => Promise<Placed>,
): Promise<Figures & { completedPerSecond: number }> {
  const since = new Date();
  const measured = await measure(system.pids, async () => {
    const placed = await placing();
    await untilNone(() => system.unfinished(), { everyMs: pollMs, what: system.name });
    return placed;
  });
  const { begun, tookMs, ms, answeredAt } = measured.result;
  const completed = await system.completed(since);
  await system.assertRight([...begun.keys()]);
  const flowMs = [...begun].map(([id, at]) => (completed.get(id) ?? NaN) - at);
  return {
    completedPerSecond: (begun.size * 1_000) / measured.ms,
    acceptedPerSecond: (begun.size * 1_000) / ms,
    waiting: [...completed.values()].filter((at) => at > answeredAt).length,
    post: percentiles(tookMs),
    flow: percentiles(flowMs),
    ...cpuFigures(measured, begun.size),
  };
}
