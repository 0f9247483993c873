import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { services, type Service } from '../../apps/services';
import { urlOf, Usage, wholeNumber } from '../shop/arguments';
import { defaultOptions } from './audit';
import type { Flags } from './endpoints';
import type { AuditOptions } from './rule';

export const usage = `npm run audit -- [--settled] [--accepted FILE] [--order-deadline-ms N]
                  [--clock-skew-ms N] [--json]
                  [--SERVICE URL…] [--gateway URL] [--ops-token TOKEN]
SERVICE is ${services.join(', ')}; its URL once for each replica.
Endpoints are those of the running \`npm start\` unless named.
Exit codes: 0 clean, 1 a violation, 2 wrong usage, or an endpoint that does not answer`;

type Urls = Record<Service, { type: 'string'; multiple: true }>;

const options = {
  ...(Object.fromEntries(
    services.map((name) => [name, { type: 'string', multiple: true }]),
  ) as Urls),
  gateway: { type: 'string' },
  'ops-token': { type: 'string' },
  accepted: { type: 'string' },
  'order-deadline-ms': { type: 'string' },
  'clock-skew-ms': { type: 'string' },
  settled: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws Usage */
export async function commandOf(args: string[]) {
  const values = read(args);
  const { help, json, gateway, settled } = values;
  const numberOr = (name: 'order-deadline-ms' | 'clock-skew-ms', otherwise: number) =>
    values[name] === undefined ? otherwise : wholeNumber(name, values[name]);
  const endpoints: Flags = {
    ...Object.fromEntries(
      services.map((name) => [name, values[name]?.map((url) => urlOf(name, url))]),
    ),
    gateway: gateway === undefined ? undefined : urlOf('gateway', gateway),
    opsToken: values['ops-token'],
  };
  const given: AuditOptions = {
    accepted: values.accepted === undefined ? [] : await idsIn(values.accepted),
    orderDeadlineMs: numberOr('order-deadline-ms', defaultOptions.orderDeadlineMs),
    clockSkewMs: numberOr('clock-skew-ms', defaultOptions.clockSkewMs),
    settled,
  };
  return { help, json, endpoints, options: given };
}

function read(args: string[]) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Usage((error as Error).message);
  }
}

/** One id a line. */
async function idsIn(file: string): Promise<string[]> {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim());
    return lines.filter((line) => line !== '');
  } catch (error) {
    throw new Usage(`--accepted: ${(error as Error).message}`);
  }
}
