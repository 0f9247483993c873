import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { TestEnvironment } from 'jest-environment-node';

/** What is read of the events that jest-circus tells its environment. */
interface TestEvent {
  name: string;
  test?: { name: string; errors: unknown[]; mode?: string | null };
  hook?: { type: string };
  error?: unknown;
}

/**
 * Ends a suite at its first failure: one is enough, and what is left often waits in vain. Notes it,
 * and what has passed, as lines of JSON in the file MUTANT_NOTES.
 */
export default class FirstFailure extends TestEnvironment {
  private readonly beganMs = Date.now();
  private readonly suite: string;
  private failed = false;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.suite = relative(config.projectConfig.rootDir, context.testPath);
  }

  handleTestEvent({ name, test, hook, error }: TestEvent): void {
    if (name === 'test_start' && test && this.failed) test.mode = 'skip';
    if (name === 'test_done' && test?.errors.length) this.fail(test.name, test.errors[0]);
    if (name === 'hook_failure' && hook) this.fail(hook.type, error);
    if (name === 'run_finish' && !this.failed) this.note({});
  }

  private fail(test: string, thrown: unknown): void {
    if (this.failed) return;
    this.failed = true;
    // With an error that only says where.
    const error: unknown = Array.isArray(thrown) ? thrown[0] : thrown;
    const message = error instanceof Object && 'message' in error ? error.message : error;
    this.note({ test, error: String(message) });
  }

  private note(facts: { test?: string; error?: string }): void {
    const ms = Date.now() - this.beganMs;
    const line = JSON.stringify({ suite: this.suite, ms, ...facts });
    appendFileSync(process.env.MUTANT_NOTES ?? '/dev/null', `${line}\n`);
  }
}
