import { readArguments, Usage, wholeNumber } from '../../ops/shop/arguments';
import type { Mutant } from './mutant';

export const usage = `Usage: npm run mutants -- apps/NAME | libs/NAME [options]
Takes out every guard, one at a time, and says which of them no test misses.
  --sql, --code      only guards in SQL, only decisions in TypeScript
  --only <text>      only mutants whose file, change or id has it; may be given more than once
  --suites <text>    only suites whose path has it, for a quick answer; may be given more than once
  --survivors        only those that no run has killed yet: also goes on with a run that was ended
  --list             shows the mutants, runs nothing
  --jobs <number>    at a time; 2 by default
Example: npm run mutants -- apps/payments --survivors`;

export interface MutantsOptions {
  target: string;
  wants: (mutant: Mutant) => boolean;
  /** Parts of the paths of the suites to run; none: all run. */
  suiteParts: string[];
  survivors: boolean;
  list: boolean;
  jobs: number;
}

/** @throws Usage */
export function readOptions(args: string[]): MutantsOptions {
  const { values, positionals } = read(args);
  const [target, ...more] = positionals.map((path) => path.replace(/\/+$/, ''));
  const { sql = false, code = false, only = [], suites = [] } = values;
  const { survivors = false, list = false } = values;
  const jobs = wholeNumber('jobs', values.jobs ?? '2', { min: 1 });
  if (target === undefined || more.length > 0)
    throw new Usage('Say one target, such as apps/payments.');
  const wants = ({ kind, file, change, id }: Mutant): boolean => {
    if (sql !== code && kind !== (sql ? 'sql' : 'code')) return false;
    const text = `${id} ${file} ${change}`;
    return only.length === 0 || only.some((part) => text.includes(part));
  };
  return { target, wants, suiteParts: suites, survivors, list, jobs };
}

function read(args: string[]) {
  return readArguments({
    args,
    allowPositionals: true,
    options: {
      sql: { type: 'boolean' },
      code: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      suites: { type: 'string', multiple: true },
      survivors: { type: 'boolean' },
      list: { type: 'boolean' },
      jobs: { type: 'string' },
    },
  });
}
