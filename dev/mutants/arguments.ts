import { parseArgs } from 'node:util';
import type { Mutant } from './mutant';

const usage = `Usage: npm run mutants -- <apps/name | libs/name> [options]
  --sql, --code      only guards in SQL, only decisions in TypeScript
  --only <text>      only mutants whose file, change or id has it; may be given more than once
  --suites <text>    only suites whose path has it, for a quick answer; may be given more than once
  --survivors        only those that no run has killed yet: also goes on with a run that was ended
  --list             shows the mutants, runs nothing
  --jobs <number>    at a time; 2 by default`;

export interface MutantsOptions {
  target: string;
  wants: (mutant: Mutant) => boolean;
  /** Parts of the paths of the suites to run; none: all run. */
  suiteParts: string[];
  survivors: boolean;
  list: boolean;
  jobs: number;
}

/** @throws with the usage */
export function readOptions(args: string[]): MutantsOptions {
  const { values, positionals } = parse(args);
  const [target, ...more] = positionals.map((path) => path.replace(/\/+$/, ''));
  const { sql = false, code = false, only = [], suites = [] } = values;
  const { survivors = false, list = false } = values;
  const jobs = Number(values.jobs ?? 2);
  if (target === undefined || more.length > 0) throw new Error(usage);
  if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs ${values.jobs}\n${usage}`);
  const wants = ({ kind, file, change, id }: Mutant): boolean => {
    if (sql !== code && kind !== (sql ? 'sql' : 'code')) return false;
    const text = `${id} ${file} ${change}`;
    return only.length === 0 || only.some((part) => text.includes(part));
  };
  return { target, wants, suiteParts: suites, survivors, list, jobs };
}

function parse(args: string[]) {
  try {
    return parseArgs({
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
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`, { cause: error });
  }
}
