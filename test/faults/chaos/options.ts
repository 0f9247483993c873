import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { services } from '../../../apps/services';
import { targetsOf } from './schedule';

export type Options = ReturnType<typeof readOptions>;

const ordersPerFault = 85;
const replicasMax = 9;

/** @throws what is wrong, as one sentence */
export function readOptions(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      orders: { type: 'string', default: '2000' },
      seed: { type: 'string' },
      faults: { type: 'string' },
      scale: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      plan: { type: 'boolean', default: false },
    },
  });
  const orders = whole('--orders', values.orders, 1);
  // `--scale payments=3 orders=2` leaves the second to the positionals.
  const scale = readScale([...values.scale, ...positionals]);
  // Each target has a turn.
  const usual = Math.max(targetsOf(scale).length, Math.ceil(orders / ordersPerFault));
  return {
    orders,
    seed: values.seed === undefined ? randomInt(1, 1_000_000) : whole('--seed', values.seed, 0),
    faults: values.faults === undefined ? usual : whole('--faults', values.faults, 1),
    scale,
    json: values.json,
    // Print the schedule, and do nothing.
    plan: values.plan,
  };
}

/** The command that does the same again. */
export function commandOf({ orders, seed, faults, scale }: Options): string {
  const scaled = Object.entries(scale).filter(([, count]) => count > 1);
  const parts = [`npm run chaos -- --orders ${orders} --seed ${seed} --faults ${faults}`];
  if (scaled.length > 0) parts.push('--scale', ...scaled.map(([app, count]) => `${app}=${count}`));
  return parts.join(' ');
}

/** @returns processes of each service */
function readScale(pairs: string[]): Record<string, number> {
  const scale: Record<string, number> = Object.fromEntries(services.map((app) => [app, 1]));
  for (const pair of pairs) {
    const [app = '', count = ''] = pair.split('=');
    if (!(app in scale)) throw new Error(`"${pair}": --scale takes payments=3 and the like`);
    scale[app] = whole(`--scale ${app}`, count, 1);
    if (scale[app] > replicasMax) throw new Error(`--scale ${app}: at most ${replicasMax}`);
  }
  return scale;
}

function whole(name: string, text: string, min: number): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= min) return value;
  throw new Error(`${name} is "${text}"; it must be a whole number from ${min}`);
}
