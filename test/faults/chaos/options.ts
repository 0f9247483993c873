import { randomInt } from 'node:crypto';
import { services } from '../../../apps/services';
import { readArguments, Usage, wholeNumber } from '../../../ops/shop/arguments';
import { targetsOf } from './schedule';

export type Options = ReturnType<typeof readOptions>;

const ordersPerFault = 85;
const replicasMax = 9;
/** Others are hit meanwhile: one node at a time is. */
const turnsOnCluster = 2;
const clusterNodes = 3;

export const usage = `Usage: npm run chaos [-- options]
Orders under faults of everything, then the audit: docs/GUARANTEES.md.
  --orders N         2000 unless given
  --seed N           the same faults at the same times again
  --faults N         one for each ${ordersPerFault} orders unless given
  --scale SERVICE=N  so many processes of it, up to ${replicasMax}; once for each service
  --cluster          the broker is three nodes, hit one at a time
  --plan             prints what would be done, and does nothing
  --json FILE        what was found
Example: npm run chaos -- --orders 500 --scale payments=3`;

/** @throws Usage */
export function readOptions(args: string[]) {
  const { values, positionals } = readArguments({
    args,
    allowPositionals: true,
    options: {
      orders: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      faults: { type: 'string' },
      scale: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      cluster: { type: 'boolean', default: false },
      plan: { type: 'boolean', default: false },
    },
  });
  const orders = wholeNumber('orders', values.orders, { min: 1 });
  // `--scale payments=3 orders=2` leaves the second to the positionals.
  const scale = readScale([...values.scale, ...positionals]);
  const nodes = values.cluster ? clusterNodes : 1;
  // For each target a turn, nodes of a cluster aside.
  const turns = targetsOf(scale, nodes).length * (values.cluster ? turnsOnCluster : 1);
  const usual = Math.max(turns, Math.ceil(orders / ordersPerFault));
  return {
    orders,
    seed: values.seed === undefined ? randomInt(1, 1_000_000) : wholeNumber('seed', values.seed),
    faults: values.faults === undefined ? usual : wholeNumber('faults', values.faults, { min: 1 }),
    scale,
    /** Of the broker. */
    nodes,
    json: values.json,
    // Print the schedule, and do nothing.
    plan: values.plan,
  };
}

/** The command that does the same again. */
export function commandOf({ orders, seed, faults, scale, nodes }: Options): string {
  const scaled = Object.entries(scale).filter(([, count]) => count > 1);
  const parts = [`npm run chaos -- --orders ${orders} --seed ${seed} --faults ${faults}`];
  if (nodes > 1) parts.push('--cluster');
  if (scaled.length > 0) parts.push('--scale', ...scaled.map(([app, count]) => `${app}=${count}`));
  return parts.join(' ');
}

/** @returns processes of each service */
function readScale(pairs: string[]): Record<string, number> {
  const scale: Record<string, number> = Object.fromEntries(services.map((app) => [app, 1]));
  for (const pair of pairs) {
    const [app = '', count = ''] = pair.split('=');
    if (!(app in scale)) throw new Usage(`"${pair}": --scale takes payments=3 and the like`);
    scale[app] = wholeNumber(`scale ${app}`, count, { min: 1, max: replicasMax });
  }
  return scale;
}
