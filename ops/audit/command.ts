import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { defaultTerms } from './audit';
import type { Flags } from './places';
import type { Terms } from './rule';

export const usage = `npm run audit -- [--settled] [--accepted FILE] [--order-deadline-ms N]
                  [--clock-skew-ms N] [--json]
                  [--orders URL…] [--users URL…] [--financial URL…] [--payments URL…]
                  [--log-sink URL…] [--gateway URL] [--ops-token TOKEN]
Places are those of the running \`npm start\` unless named; a service's URL once for each replica.
Exit codes: 0 clean, 1 an offender, 2 wrong usage, or a place that does not answer`;

/** The command line cannot be understood. */
export class Usage extends Error {
  constructor(problem: string) {
    super(`${problem}\n\n${usage}`);
  }
}

export interface Command {
  help: boolean;
  json: boolean;
  places: Flags;
  terms: Terms;
}

const urls = { type: 'string', multiple: true } as const;

const options = {
  orders: urls,
  users: urls,
  financial: urls,
  payments: urls,
  'log-sink': urls,
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
export async function commandOf(args: string[]): Promise<Command> {
  const values = read(args);
  const { orders, users, financial, payments, 'log-sink': logSink, gateway, settled } = values;
  const places = { orders, users, financial, payments, 'log-sink': logSink };
  const { orderDeadlineMs, clockSkewMs } = defaultTerms;
  return {
    help: values.help,
    json: values.json,
    places: {
      ...Object.fromEntries(
        Object.entries(places).map(([name, given]) => [
          name,
          given?.map((url) => place(name, url)),
        ]),
      ),
      gateway: gateway === undefined ? undefined : place('gateway', gateway),
      opsToken: values['ops-token'],
    },
    terms: {
      accepted: values.accepted === undefined ? [] : await idsIn(values.accepted),
      orderDeadlineMs: wholeNumber(values, 'order-deadline-ms', orderDeadlineMs),
      clockSkewMs: wholeNumber(values, 'clock-skew-ms', clockSkewMs),
      settled,
    },
  };
}

function read(args: string[]) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Usage((error as Error).message);
  }
}

function place(name: string, text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new Usage(`--${name} wants http://host:port, not "${text}"`);
  }
  return text.replace(/\/+$/, '');
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

type Numbers = 'order-deadline-ms' | 'clock-skew-ms';

function wholeNumber(
  values: Partial<Record<Numbers, string>>,
  name: Numbers,
  otherwise: number,
): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Usage(`--${name} wants a whole number`);
}
