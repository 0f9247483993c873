import { parseArgs } from 'node:util';
import type { Selection } from '../dead-letters/shapes';
import { CommandError, commonOptions, misuse, refuseSecrets } from './settings';

export const usage = (name: string) => `Usage: ${name} COMMAND [options]
  list [--queue Q] [--code C]
  show ID [--queue Q]
  replay ID… | --queue Q | --code C | --all  [--rate N] [--dry-run] [--edit]
  discard ID… | --queue Q | --code C | --all  [--yes]
  undo OPERATION
  operations
Options everywhere: --json, --mode simple|strict
The broker is AMQP_URL and AMQP_MANAGEMENT_URL, or what is in the files AMQP_URL_FILE and so on
Example: ${name} replay --queue payments.sale-finalized --dry-run
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing selected, 4 some stayed or are refused by
their contract, 5 another operation holds the dead letters, 6 not confirmed`;

export const exitCodes = { error: 1, usage: 2, nothing: 3, stayed: 4, busy: 5, declined: 6 };

export interface Command {
  verb: string;
  selection: Selection;
  operation: number;
  rate?: number;
  dryRun: boolean;
  edit: boolean;
  yes: boolean;
  json: boolean;
  mode?: string;
}

const options = {
  queue: { type: 'string' },
  code: { type: 'string' },
  all: { type: 'boolean', default: false },
  rate: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  edit: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  ...commonOptions,
} as const;

/** @throws CommandError that says what is wrong, and where the usage of `name` is */
export function parse(args: string[], name: string): Command {
  try {
    return read(args);
  } catch (error) {
    throw new CommandError(exitCodes.usage, misuse(error, { name }));
  }
}

function read(args: string[]): Command {
  refuseSecrets(args);
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [verb = 'help', ...rest] = positionals;
  const { queue, code, edit, yes, json } = values;
  const ids = verb !== 'undo' && rest.length > 0 ? rest : undefined;
  const command: Command = {
    verb: values.help ? 'help' : verb,
    selection: { ids, queue, code },
    operation: verb === 'undo' ? wholeNumber('undo', rest[0]) : 0,
    rate: values.rate === undefined ? undefined : wholeNumber('--rate', values.rate),
    dryRun: values['dry-run'],
    edit,
    yes,
    json,
    mode: values.mode,
  };
  const takes = command.verb === 'replay' || command.verb === 'discard';
  if (takes && !values.all && !(ids ?? queue ?? code)) {
    throw new Error(`${verb}: required: ids, --queue, --code or --all`);
  }
  if (command.verb === 'show' && ids?.length !== 1) throw new Error('show takes one id');
  if (edit && ids?.length !== 1) throw new Error('--edit takes one id');
  return command;
}

function wholeNumber(name: string, text = ''): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${name} takes a whole number above 0`);
}
