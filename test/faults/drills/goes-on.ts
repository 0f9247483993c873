import { eventually } from '@tradepost/test-kit';
import { seconds } from '../harness/command';
import type { DrillContext } from './context';

const withinMs = 60_000;

/** Under load: brings the fault about, and notes when a job that was sent after it was done. */
export async function goesOnAfter(
  context: DrillContext,
  fault: () => Promise<void>,
): Promise<void> {
  const { jobs: before, log, notes } = context;
  const beganMs = performance.now();
  await fault();
  const faultMs = performance.now() - beganMs;
  context.fault();
  const check = async () => {
    if (!(await log.effects()).some((job) => job > before)) throw new Error('none is done');
  };
  await eventually(check, { what: 'work goes on', withinMs });
  const tookMs = performance.now() - beganMs;
  notes.push(`work went on after ${seconds(tookMs)} s, ${seconds(faultMs)} s of them the fault`);
}
