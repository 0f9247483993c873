import { existsSync, readdirSync } from 'node:fs';
import { appNames } from '../../apps/services';
import { readArguments, Usage } from '../../ops/shop/arguments';

export const usage = `Usage: npm run new-service -- NAME [--keeps WORD]
A service that hears a payment: its folder, and its entries in the lists.
  NAME     of the service, in kebab-case: shipping, gift-cards
  --keeps  what it stores, a word in the singular: parcel unless given
It writes apps/NAME, enters it in the lists of apps, compose, Prometheus and Nest, and writes
docs/TOPOLOGY.md, docs/asyncapi.json, docs/openapi and deploy/k8s anew.
Example: npm run new-service -- shipping
Exit codes: 0, 1 when a file could not be written, 2 wrong usage`;

export interface Names {
  name: string;
  keeps: string;
}

/** What has this name beside services: in docker-compose.yml, in chaos, in the options of audit. */
const others = [
  ...['broker', 'database', 'gateway', 'migrations', 'postgres', 'probe', 'topology', 'tradepost'],
];

/** @throws Usage */
export function commandOf(args: string[]): Names {
  const { values, positionals } = read(args);
  const [name, ...more] = positionals;
  if (name === undefined) throw new Usage('Which name has the service?');
  if (more.length > 0) throw new Usage(`One service at a time, not "${positionals.join(' ')}"`);
  if (!/^[a-z][a-z\d]*(-[a-z\d]+)*$/.test(name)) {
    throw new Usage(`"${name}" is not in kebab-case, as shipping and gift-cards are`);
  }
  if (!/^[a-z]+$/.test(values.keeps)) {
    throw new Usage(`--keeps wants one word in small letters, not "${values.keeps}"`);
  }
  if (isService(name)) throw new Usage(`There is a service "${name}" already`);
  const taken = [...others, ...readdirSync('libs')];
  if (taken.includes(name)) throw new Usage(`"${name}" is the name of something else already`);
  return { name, keeps: values.keeps };
}

function isService(name: string): boolean {
  return (appNames as string[]).includes(name) || existsSync(`apps/${name}`);
}

function read(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: { keeps: { type: 'string', default: 'parcel' } },
  });
}
