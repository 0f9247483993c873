import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Files, SuiteRan } from './jest/suite-ran';
import type { Mutant } from './mutant';
import type { Note, SuitesResult } from './run-suites';

/** A suite to run. */
export interface Chosen {
  suite: string;
  /** What it took without a mutant. */
  ms: number;
  /** Of its tests; without, all of them. */
  tests?: string[];
}

/** The suites of an app or a lib, without the slow ones that are not asked for. */
export class Suites {
  readonly all: string[];
  private readonly texts: Map<string, string>;
  private readonly ran = new Map<string, SuiteRan>();
  private readonly whole = new Set<string>();
  private readonly alone = new Set<string>();
  private readonly durations = new Map<string, number>();
  private readonly kills = new Map<string, Map<string, number>>();

  /**
   * @param folder the tree that they are in
   * @param parts of the paths of those wanted; none: all are
   */
  constructor(folder: string, target: string, parts: string[] = []) {
    const jest = [
      'node_modules/jest/bin/jest.js',
      '--listTests',
      '--ignoreProjects',
      'e2e',
      ...(parts.length === 0 ? ['slow'] : []),
    ];
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const listed = execFileSync(
      process.execPath,
      [...jest, '--testPathPatterns', `${target}/test/`],
      options,
    );
    this.all = [...listed.matchAll(/^.+\.spec\.ts$/gm)]
      .map(([path]) => relative(folder, path).replaceAll('\\', '/'))
      .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)));
    if (this.all.length === 0) throw new Error(`No suite of ${target} has ${parts.join(', ')}.`);
    this.texts = new Map(this.all.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  }

  /** @param ran what ran in it; without, it is chosen for no mutant of a source */
  passed(suite: string, ms: number, ran: SuiteRan = { between: {}, tests: {} }): void {
    this.durations.set(suite, ms);
    this.ran.set(suite, ran);
  }

  killed(file: string, suite: string): void {
    const ofFile = this.kills.get(file) ?? new Map<string, number>();
    this.kills.set(file, ofFile.set(suite, (ofFile.get(suite) ?? 0) + 1));
  }

  /**
   * Whether a test passes without a mutant when it runs alone. Where it does not, it needs those
   * before it: from now on the whole suite runs.
   */
  async holdsAlone(
    { suite, test = '' }: Pick<Note, 'suite' | 'test'>,
    run: (chosen: Chosen[]) => Promise<SuitesResult>,
  ): Promise<boolean> {
    const name = `${suite} ${test}`;
    if (this.alone.has(name)) return true;
    const { outcome } = await run([{ suite, ms: 0, tests: [test] }]);
    if (outcome === 'passed') this.alone.add(name);
    else this.whole.add(suite);
    return outcome === 'passed';
  }

  /**
   * Those that run the mutant: what killed most of its file's first, then what names or imports
   * the file, then the shortest.
   */
  for(mutant: Mutant): Chosen[] {
    const { file } = mutant;
    const name = basename(file).replace(/(\.store)?\.(ts|sql)$/, '');
    const rank = ({ suite }: Chosen): number => {
      const kills = this.kills.get(file)?.get(suite) ?? 0;
      const isNamed = basename(suite).startsWith(name);
      const isImported = this.texts.get(suite)?.includes(`/${basename(file, '.ts')}'`);
      return kills * 1_000 + (isNamed ? 600 : 0) + (isImported ? 300 : 0);
    };
    return this.all
      .flatMap((suite) => this.choose(suite, mutant))
      .sort((a, b) => rank(b) - rank(a) || a.ms - b.ms);
  }

  private choose(suite: string, mutant: Mutant): Chosen[] {
    const all = { suite, ms: this.durations.get(suite) ?? 0 };
    if (mutant.file.endsWith('.sql')) return suite.endsWith('.int.spec.ts') ? [all] : [];
    const { between, tests } = this.ran.get(suite) ?? { between: {}, tests: {} };
    const chosen = Object.entries(tests).filter(([, { files }]) => runs(files, mutant));
    if (runs(between, mutant) || (chosen.length > 0 && this.whole.has(suite))) return [all];
    if (chosen.length === 0) return [];
    const ms = chosen.reduce((sum, [, test]) => sum + test.ms, 0);
    return [{ suite, ms, tests: chosen.map(([name]) => name) }];
  }
}

/** A statement's text runs with the functions that use it, a decision with its line. */
function runs(files: Files, { file, kind, line, lastLine, functions }: Mutant): boolean {
  const ran = files[file];
  if (!ran) return false;
  const isRun = (one: number) => one >= line && one <= lastLine;
  if (kind === 'code') return ran.lines.some(isRun);
  return functions.length === 0 || functions.some((name) => ran.functions.includes(name));
}
