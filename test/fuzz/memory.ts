import { eventually, type ServiceProcess } from '@tradepost/test-kit';
import { join } from 'node:path';
import { root } from '../kit/root';
import { finding, type Finding } from './finding';

const withinMs = 60_000;
const answerMs = 10_000;
/** What caches and pools may take once they are warm. */
const growthMax = { share: 1.3, bytes: 24 * 2 ** 20 };

/** Of each service, after a collection. */
export type Memory = Record<string, number>;

/** For the environment of a service that is to be measured. */
export const probed = {
  NODE_OPTIONS: `--require ${JSON.stringify(join(root, 'dist/test/fuzz/memory-probe.js'))}`,
};

export async function measure(processes: readonly ServiceProcess[]): Promise<Memory> {
  const all = processes.map(async (one): Promise<[string, number]> => [
    one.name,
    // One that has just crashed is asked again.
    await eventually(async () => one.ask<number>({}, { withinMs: answerMs }), { withinMs }),
  ]);
  return Object.fromEntries(await Promise.all(all));
}

/** @returns services that hold more after the load than they held early in it */
export function growth(early: Memory, late: Memory): Finding[] {
  return Object.entries(late).flatMap(([service, bytes]) => {
    const before = early[service] ?? 0;
    if (bytes <= before * growthMax.share + growthMax.bytes) return [];
    return [
      finding(service, 'memory-level', `${inMegabytes(before)} early, ${inMegabytes(bytes)}`),
    ];
  });
}

export function inMegabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
