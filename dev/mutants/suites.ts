import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Mutant } from './mutant';

/** The suites of an app or a lib, without the slow ones. */
export class Suites {
  readonly all: string[];
  private readonly texts: Map<string, string>;
  private readonly ran = new Map<string, Set<string>>();
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
      'slow',
      'e2e',
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

  /** @param ran the functions that ran in it */
  passed(suite: string, ms: number, ran: string[] = []): void {
    this.durations.set(suite, ms);
    this.ran.set(suite, new Set(ran));
  }

  killed(file: string, suite: string): void {
    const ofFile = this.kills.get(file) ?? new Map<string, number>();
    this.kills.set(file, ofFile.set(suite, (ofFile.get(suite) ?? 0) + 1));
  }

  /**
   * Those that run the mutant: what killed most of its file's first, then what names or imports
   * the file, then the shortest.
   */
  for({ file, functions }: Mutant): string[] {
    const name = basename(file).replace(/(\.store)?\.(ts|sql)$/, '');
    const rank = (suite: string): number => {
      const kills = this.kills.get(file)?.get(suite) ?? 0;
      const isNamed = basename(suite).startsWith(name);
      const isImported = this.texts.get(suite)?.includes(`/${basename(file, '.ts')}'`);
      return kills * 1_000 + (isNamed ? 600 : 0) + (isImported ? 300 : 0);
    };
    const duration = (suite: string) => this.durations.get(suite) ?? 0;
    return this.all
      .filter((suite) => this.runs(suite, file, functions))
      .sort((a, b) => rank(b) - rank(a) || duration(a) - duration(b));
  }

  private runs(suite: string, file: string, functions: string[]): boolean {
    if (file.endsWith('.sql')) return suite.endsWith('.int.spec.ts');
    const ran = this.ran.get(suite);
    if (functions.length === 0) return ran?.has(file) ?? false;
    return functions.some((name) => ran?.has(`${file} ${name}`));
  }
}
