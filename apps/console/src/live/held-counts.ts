import type { HeldCount } from '@tradepost/messaging';
import type { Instance } from './instances';

/** By queue, what each service holds: all its processes look into one database, the last counts. */
export function heldCounts(instances: readonly Instance[]): Map<string, HeldCount> {
  const last = new Map<string, Instance>();
  for (const one of instances) {
    const before = last.get(one.service);
    if (one.health.current && one.health.at >= (before?.health.at ?? 0)) last.set(one.service, one);
  }
  const held = [...last.values()].map(({ health }) => health.current?.figures?.held ?? {});
  return new Map(held.flatMap((counts) => Object.entries(counts)));
}
