// Each mutant is a copy of the sources with one change; the app's own tests run on it, the most
// likely to fail first, up to the first failure.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverVariables, withServers } from './local/with-servers';
import { type MutantsOptions, readOptions, usage } from './mutants/arguments';
import { findMutants } from './mutants/find-mutants';
import type { Mutant } from './mutants/mutant';
import { countsOf, type Outcome, Report } from './mutants/report';
import { runSuites, type SuitesOptions, type SuitesResult } from './mutants/run-suites';
import { type Chosen, Suites } from './mutants/suites';
import { Tree } from './mutants/tree';
import { Usage } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';

const root = process.cwd();
/** What lives for a reason: mutants that change nothing. */
const known = JSON.parse(readFileSync(join(root, 'dev/mutants/known.json'), 'utf8')) as {
  file: string;
  change: string;
  reason: string;
}[];

/** As PostgreSQL says of a mutant that is no statement: it shows nothing. */
const broken =
  /syntax error at|could not determine data type|operator does not exist|invalid reference to FROM/;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!existsSync(join(root, options.target, 'src'))) {
    throw new Usage(`There is no ${options.target}/src.`);
  }
  const all = findMutants(root, options.target);
  const report = new Report(root, options.target);
  report.keep(all);
  const asked = all.filter(options.wants).filter((mutant) => {
    const fate = report.of(mutant.id)?.fate;
    return !options.survivors || fate === undefined || fate === 'survived' || fate === 'known';
  });
  if (options.list) return asked.forEach((mutant) => console.log(lineOf(mutant)));
  for (const { file, change } of staleKnown(all, options.target)) {
    console.log(`dev/mutants/known.json names no mutant any more: ${file}: ${change}`);
  }
  await withServers(async (broker, database, signal) => {
    const env = serverVariables(broker, database);
    await run(asked, { report, env, signal, ...options });
  });
}

type RunOptions = MutantsOptions & Pick<SuitesOptions, 'env' | 'signal'> & { report: Report };

async function run(asked: Mutant[], options: RunOptions): Promise<void> {
  const trees = Array.from({ length: options.jobs }, () => new Tree(root));
  const outcomes: Outcome[] = [];
  try {
    const [first = new Tree(root)] = trees;
    const suites = new Suites(first.folder, options.target, options.suiteParts);
    const timeoutMs = await baseline(suites, first, options);
    const waiting = [...asked];
    const work = async (tree: Tree): Promise<void> => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const outcome = await tryOut(mutant, { suites, tree, timeoutMs, ...options });
        options.report.add(outcome);
        outcomes.push(outcome);
        console.log(`${outcomes.length}/${asked.length} ${describe(outcome)}`);
      }
    };
    await Promise.all(trees.map(work));
  } finally {
    for (const tree of trees) tree.remove();
  }
  const living = outcomes.filter(({ fate }) => fate === 'survived' || fate === 'known');
  if (living.length > 0) console.log(`\n${living.map(describe).join('\n')}`);
  console.log(`\n${countsOf(outcomes)}. Report: ${options.report.path}`);
}

/** The tests on what is not changed. @returns the time limit of a mutant. @throws when one fails */
async function baseline(suites: Suites, tree: Tree, options: RunOptions): Promise<number> {
  const limit = 20 * 60_000;
  const began = Date.now();
  const watched = { ...options, env: { ...options.env, MUTANT_TARGET: options.target } };
  const all = suites.all.map((suite) => ({ suite, ms: 0 }));
  const attempt = () => runSuites(all, suitesOptions(tree, limit, watched));
  let result = await attempt();
  // On a machine that has much to do one fails now and then.
  if (result.outcome !== 'passed') result = await attempt();
  if (result.outcome !== 'passed') {
    throw new Error(`Without a mutant the tests do not pass:\n${whyOf(result)}\n${result.output}`);
  }
  for (const { suite, ms, ran } of result.passed) suites.passed(suite, ms, ran);
  const tookMs = Date.now() - began;
  console.log(`${suites.all.length} suites pass in ${Math.round(tookMs / 1_000)} s. Mutants:`);
  return 60_000 + 3 * tookMs;
}

interface TryOptions extends RunOptions {
  suites: Suites;
  tree: Tree;
  timeoutMs: number;
}

async function tryOut(mutant: Mutant, options: TryOptions): Promise<Outcome> {
  const { id, file, line, kind, change } = mutant;
  const found = { id, file, line, kind, change };
  const reason = known.find((one) => one.file === file && one.change === change)?.reason;
  if (reason !== undefined) return { ...found, fate: 'known', by: reason };
  const { suites, tree, timeoutMs } = options;
  const began = Date.now();
  const likely = suites.for(mutant);
  if (likely.length === 0) return { ...found, fate: 'survived', by: 'no test runs it' };
  const run = async (chosen: Chosen[]) =>
    runSuites(chosen, suitesOptions(tree, timeoutMs, options));
  const result = await tree.with(mutant, async () => run(likely));
  const isAlone = likely.some(({ suite, tests }) => suite === result.failed?.suite && tests);
  if (result.failed && isAlone && !(await suites.holdsAlone(result.failed, run))) {
    return tryOut(mutant, options);
  }
  const outcome = { ...found, seconds: Math.round((Date.now() - began) / 1_000) };
  if (result.outcome === 'passed') return { ...outcome, fate: 'survived' };
  if (result.outcome === 'timed out') return { ...outcome, fate: 'timed out' };
  if (result.failed) suites.killed(file, result.failed.suite);
  const error = result.failed?.error ?? result.output.slice(0, 2_000);
  // A test may fail by a SyntaxError of what it parses; a suite that does not load has no test.
  const isBroken = broken.test(error) || (!result.failed && error.includes('SyntaxError'));
  const fate = isBroken ? 'refused' : 'killed';
  return { ...outcome, fate, by: whyOf(result), error: error.slice(0, 400) };
}

function suitesOptions(tree: Tree, timeoutMs: number, options: RunOptions): SuitesOptions {
  const { env, signal } = options;
  return {
    folder: tree.folder,
    built: join(root, 'dist/dev/mutants/jest'),
    env,
    timeoutMs,
    signal,
  };
}

function whyOf({ failed, outcome }: SuitesResult): string {
  return failed ? `${failed.suite}: ${failed.test}` : `a suite that does not load (${outcome})`;
}

function describe(outcome: Outcome): string {
  const { fate, by, seconds } = outcome;
  const time = seconds === undefined ? '' : ` (${seconds} s)`;
  const name = fate === 'survived' ? 'SURVIVED' : fate;
  return `${name} ${lineOf(outcome)}${by ? ` — ${by}` : ''}${time}`;
}

function lineOf({ id, file, line, change }: Pick<Outcome, 'id' | 'file' | 'line' | 'change'>) {
  return `${id} ${file}:${line} ${change}`;
}

function staleKnown(all: Mutant[], target: string): typeof known {
  return known
    .filter(({ file }) => file.startsWith(`${target}/`))
    .filter((one) => !all.some(({ file, change }) => file === one.file && change === one.change));
}

runCommand(usage, main);
