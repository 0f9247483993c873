import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

/** The suites of an app or a lib, without the slow ones: those most likely to fail come first. */
export class Suites {
  readonly all: string[];
  private readonly texts: Map<string, string>;
  private readonly durations = new Map<string, number>();
  private readonly kills = new Map<string, Map<string, number>>();

  /** @param folder the tree that they are in */
  constructor(folder: string, target: string) {
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
    this.all = [...listed.matchAll(/^.+\.spec\.ts$/gm)].map(([path]) =>
      relative(folder, path).replaceAll('\\', '/'),
    );
    this.texts = new Map(this.all.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  }

  took(suite: string, ms: number): void {
    this.durations.set(suite, ms);
  }

  killed(file: string, suite: string): void {
    const ofFile = this.kills.get(file) ?? new Map<string, number>();
    this.kills.set(file, ofFile.set(suite, (ofFile.get(suite) ?? 0) + 1));
  }

  /** What killed most mutants of the file, then what names or imports it, then the shortest. */
  for(file: string): string[] {
    const name = basename(file).replace(/(\.store)?\.(ts|sql)$/, '');
    const rank = (suite: string): number => {
      const kills = this.kills.get(file)?.get(suite) ?? 0;
      const isNamed = basename(suite).startsWith(name);
      const isImported = this.texts.get(suite)?.includes(`/${basename(file, '.ts')}'`);
      return kills * 1_000 + (isNamed ? 600 : 0) + (isImported ? 300 : 0);
    };
    const duration = (suite: string) => this.durations.get(suite) ?? 0;
    return [...this.all].sort((a, b) => rank(b) - rank(a) || duration(a) - duration(b));
  }
}
