import { durationMs, readArguments, Usage, wholeNumber } from '../../ops/shop/arguments';
import { patterns, type Pattern } from './stories';

export const usage = `Usage: npm run lab -- PATTERN [options]
One pattern of messaging on a real broker: ${patterns.join(', ')}.
  --workers   competing-workers: how many of them, up to 6; 3 unless given
  --count     competing-workers: how many parcels, up to 20; 8 unless given
  --every     how long a beat is, from 100ms to 2s; 1s unless given
  --document  writes what was shown into docs/PATTERNS.md
Example: npm run lab -- topic --every 500ms
Exit codes: 0, 1 when the pattern could not be shown, 2 wrong usage`;

export interface LabCommand {
  pattern: Pattern;
  workers: number;
  count: number;
  everyMs: number;
  document: boolean;
}

const everyBounds = { minMs: 100, maxMs: 2_000 };

/** @throws Usage */
export function commandOf(args: string[]): LabCommand {
  const { values, positionals } = read(args);
  const [name, ...more] = positionals;
  if (name === undefined) throw new Usage(`Say which pattern: ${patterns.join(', ')}.`);
  if (more.length > 0) throw new Usage(`One pattern at a time, not "${positionals.join(' ')}"`);
  const pattern = patterns.find((one) => one === name);
  if (pattern === undefined) throw new Usage(`There is no pattern "${name}"`);
  const own = { workers: values.workers, count: values.count };
  for (const [option, value] of Object.entries(own)) {
    const isItsOwn = value === undefined || pattern === 'competing-workers';
    if (!isItsOwn) throw new Usage(`--${option} is for competing-workers`);
  }
  return {
    pattern,
    workers: wholeNumber('workers', values.workers ?? '3', { min: 1, max: 6 }),
    count: wholeNumber('count', values.count ?? '8', { min: 1, max: 20 }),
    everyMs: durationMs('every', values.every, everyBounds),
    document: values.document,
  };
}

function read(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: {
      workers: { type: 'string' },
      count: { type: 'string' },
      every: { type: 'string', default: '1s' },
      document: { type: 'boolean', default: false },
    },
  });
}
