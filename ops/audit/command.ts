import { readFile } from 'node:fs/promises';
import { services, type Service } from '../../apps/services';
import { readArguments, urlOf, Usage, wholeNumber } from '../shop/arguments';
import { defaultOptions } from './audit';
import type { Flags } from './endpoints';
import type { AuditOptions } from './rule';

export const usage = `Usage: npm run audit -- [options]
Do the records of all services agree?
  --settled              nothing may be on its way any more
  --accepted FILE        ids of orders that must be there, one a line
  --order-deadline-ms N  how long an order may take to end
  --clock-skew-ms N      how far the clocks of services may be apart
  --json                 one JSON object
  --SERVICE URL          where a service is, once for each replica: ${services.join(', ')};
                         those of the running \`npm start\` unless given
  --gateway URL          where the payment gateway is, if it is a server of its own
Secrets are in the environment, or in the file that X_FILE names: OPS_TOKEN of the services, which
opens their dead letters; with AUTH=jwt AUTH_TOKEN, or AUTH_TOKEN_URL, AUTH_CLIENT_ID and
AUTH_CLIENT_SECRET. The running \`npm start\` has told its own.
Example: npm run audit -- --settled
Exit codes: 0 clean, 1 a violation, 2 wrong usage, or an endpoint that does not answer`;

type Urls = Record<Service, { type: 'string'; multiple: true }>;

const options = {
  ...(Object.fromEntries(
    services.map((name) => [name, { type: 'string', multiple: true }]),
  ) as Urls),
  gateway: { type: 'string' },
  accepted: { type: 'string' },
  'order-deadline-ms': { type: 'string' },
  'clock-skew-ms': { type: 'string' },
  settled: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** @throws Usage */
export async function commandOf(args: string[]) {
  const { values } = readArguments({ args, options });
  const { json, gateway, settled } = values;
  const numberOr = (name: 'order-deadline-ms' | 'clock-skew-ms', otherwise: number) =>
    values[name] === undefined ? otherwise : wholeNumber(name, values[name]);
  const endpoints: Flags = {
    ...Object.fromEntries(
      services.map((name) => [name, values[name]?.map((url) => urlOf(name, url))]),
    ),
    gateway: gateway === undefined ? undefined : urlOf('gateway', gateway),
  };
  const given: AuditOptions = {
    accepted: values.accepted === undefined ? [] : await idsIn(values.accepted),
    orderDeadlineMs: numberOr('order-deadline-ms', defaultOptions.orderDeadlineMs),
    clockSkewMs: numberOr('clock-skew-ms', defaultOptions.clockSkewMs),
    settled,
  };
  return { json, endpoints, options: given };
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
