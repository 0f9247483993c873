import { appendFileSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { TestEnvironment } from 'jest-environment-node';
import { LineCoverage, type Ran } from './line-coverage';
import type { Files, SuiteRan } from './suite-ran';

interface Block {
  type: 'describeBlock';
  name: string;
  parent?: Block;
  children: (Block | Test)[];
}

interface Test {
  type: 'test';
  name: string;
  parent: Block;
  errors: unknown[];
  mode?: string | null;
}

/** What is read of the events that jest-circus tells its environment. */
interface TestEvent {
  name: string;
  test?: Test;
  hook?: { type: string };
  error?: unknown;
}

/**
 * Runs a suite's tests, or those that MUTANT_TESTS names of it, up to the first failure: one is
 * enough, and what is left often waits in vain. Notes it, or that the suite has passed, as a line
 * of JSON in the file MUTANT_NOTES. With MUTANT_TARGET also what has run of the sources in that
 * folder, test by test.
 */
export default class FirstFailure extends TestEnvironment {
  private readonly beganMs = Date.now();
  private readonly root: string;
  private readonly suite: string;
  private readonly coverage?: LineCoverage;
  private readonly ran: SuiteRan = { between: {}, tests: {} };
  private testBeganMs = 0;
  private failed = false;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.root = config.projectConfig.rootDir;
    this.suite = relative(this.root, context.testPath);
    const target = process.env.MUTANT_TARGET;
    if (target === undefined) return;
    this.coverage = new LineCoverage((path) => path.startsWith(`${this.root}/${target}/src/`));
  }

  override async setup(): Promise<void> {
    await super.setup();
    await this.coverage?.start();
  }

  override async teardown(): Promise<void> {
    await this.read(this.ran.between);
    if (!this.failed) this.note({ ran: this.coverage && this.ran });
    this.coverage?.stop();
    await super.teardown();
  }

  async handleTestEvent(
    { name, test, hook, error }: TestEvent,
    { rootDescribeBlock }: { rootDescribeBlock: Block },
  ): Promise<void> {
    if (name === 'run_start') this.choose(rootDescribeBlock);
    if (name === 'test_start' && test) await this.begin(test);
    if (name === 'test_done' && test) await this.end(test);
    if (name === 'hook_failure' && hook) this.fail(hook.type, error);
  }

  /** The others are skipped. */
  private choose(block: Block): void {
    const path = process.env.MUTANT_TESTS;
    if (path === undefined) return;
    const wanted = (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string[]>)[this.suite];
    if (wanted === undefined) return;
    for (const test of testsIn(block)) if (!wanted.includes(nameOf(test))) test.mode = 'skip';
  }

  private async begin(test: Test): Promise<void> {
    if (this.failed) test.mode = 'skip';
    await this.read(this.ran.between);
    this.testBeganMs = Date.now();
  }

  private async end(test: Test): Promise<void> {
    const ms = Date.now() - this.testBeganMs;
    if (test.errors.length > 0) return this.fail(nameOf(test), test.errors[0]);
    if (test.mode === 'skip' || !this.coverage) return;
    const files: Files = {};
    await this.read(files);
    this.ran.tests[nameOf(test)] = { ms, files };
  }

  private fail(test: string, thrown: unknown): void {
    if (this.failed) return;
    this.failed = true;
    // With an error that only says where.
    const error: unknown = Array.isArray(thrown) ? thrown[0] : thrown;
    const message = error instanceof Object && 'message' in error ? error.message : error;
    this.note({ test, error: String(message) });
  }

  private async read(into: Files): Promise<void> {
    const ran = (await this.coverage?.read()) ?? new Map<string, Ran>();
    for (const [path, { functions, lines }] of ran) {
      const file = relative(this.root, path);
      const before = into[file];
      into[file] = {
        functions: [...new Set([...(before?.functions ?? []), ...functions])],
        lines: [...new Set([...(before?.lines ?? []), ...lines])],
      };
    }
  }

  private note(facts: object): void {
    const ms = Date.now() - this.beganMs;
    const line = JSON.stringify({ suite: this.suite, ms, ...facts });
    appendFileSync(process.env.MUTANT_NOTES ?? '/dev/null', `${line}\n`);
  }
}

function testsIn(block: Block): Test[] {
  return block.children.flatMap((child) => (child.type === 'test' ? [child] : testsIn(child)));
}

/** With the names of what it stands in. */
function nameOf(test: Test): string {
  const names = [test.name];
  for (let block: Block | undefined = test.parent; block?.parent; block = block.parent) {
    names.unshift(block.name);
  }
  return names.join(' › ');
}
