import { appendFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector/promises';
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
 * or that the suite has passed, as a line of JSON in the file MUTANT_NOTES. With MUTANT_TARGET also
 * which functions of the sources in that folder have run.
 */
export default class FirstFailure extends TestEnvironment {
  private readonly beganMs = Date.now();
  private readonly root: string;
  private readonly suite: string;
  private readonly target = process.env.MUTANT_TARGET;
  private readonly session = new Session();
  private failed = false;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.root = config.projectConfig.rootDir;
    this.suite = relative(this.root, context.testPath);
  }

  override async setup(): Promise<void> {
    await super.setup();
    if (this.target === undefined) return;
    this.session.connect();
    await this.session.post('Profiler.enable');
    await this.session.post('Profiler.startPreciseCoverage', { callCount: true });
  }

  override async teardown(): Promise<void> {
    if (!this.failed) this.note({ ran: this.target && (await this.ran(this.target)) });
    this.session.disconnect();
    await super.teardown();
  }

  handleTestEvent({ name, test, hook, error }: TestEvent): void {
    if (name === 'test_start' && test && this.failed) test.mode = 'skip';
    if (name === 'test_done' && test?.errors.length) this.fail(test.name, test.errors[0]);
    if (name === 'hook_failure' && hook) this.fail(hook.type, error);
  }

  private fail(test: string, thrown: unknown): void {
    if (this.failed) return;
    this.failed = true;
    // With an error that only says where.
    const error: unknown = Array.isArray(thrown) ? thrown[0] : thrown;
    const message = error instanceof Object && 'message' in error ? error.message : error;
    this.note({ test, error: String(message) });
  }

  /** `apps/payments/src/payment/payment.ts afterRefund`; the file alone for its load. */
  private async ran(target: string): Promise<string[]> {
    const { result } = await this.session.post('Profiler.takePreciseCoverage');
    const within = `${this.root}/${target}/src/`;
    return result
      .filter(({ url }) => url.replace('file://', '').startsWith(within))
      .flatMap(({ url, functions }) => {
        const file = relative(this.root, url.replace('file://', ''));
        return ['', ...functions.filter(hasRun).map(({ functionName }) => functionName)].map(
          (name) => `${file} ${name}`.trim(),
        );
      });
  }

  private note(facts: object): void {
    const ms = Date.now() - this.beganMs;
    const line = JSON.stringify({ suite: this.suite, ms, ...facts });
    appendFileSync(process.env.MUTANT_NOTES ?? '/dev/null', `${line}\n`);
  }
}

function hasRun({ ranges }: Profiler.FunctionCoverage): boolean {
  return ranges.some(({ count }) => count > 0);
}
