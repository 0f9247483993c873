import { run } from '../../harness/test/run-command';
import type { DrillResult } from '../run';

/** Of each drill, on the sample's own library and on the runtime. */
type Both = Record<'before' | 'after', DrillResult[]>;

describe('npm run drill', () => {
  const drill = (args: string[], env?: Record<string, string>) =>
    run<{ results: DrillResult[] }>('drill', args, env);

  it('the quick drills: nothing lost, nothing done twice, nothing left', async () => {
    const { code, output, report } = await drill(['--quick']);
    if (code !== 0) throw new Error(output);
    expect(report?.results.length).toBeGreaterThanOrEqual(10);
    for (const { accounts } of report?.results ?? []) {
      expect(accounts).toMatchObject({ lost: 0, duplicates: 0, left: 0, unknown: 0, crashes: 0 });
      expect(accounts?.published).toBeGreaterThan(0);
      expect(accounts?.faults).toBeGreaterThan(0);
    }
    for (const line of output.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(100);
  }, 300_000);

  it('in simple mode: what is gone the service declares again', async () => {
    const only = ['--only', 'unroutable,consumer-cancelled,channel-error-404'];
    const { code, output } = await drill(['--mode', 'simple', ...only]);
    if (code !== 0) throw new Error(output);
    expect(output).toContain('ours: 3 passed, 0 failed, 0 skipped');
  }, 180_000);

  it.each([
    ['nest', 'malformed-json,killed-between-commit-and-ack'],
    ['golevelup', 'malformed-json,connection-killed-mid-handler'],
  ])(
    'a sample on its own library and on the runtime: what failed passes, %s',
    async (name, only) => {
      const args = ['--module', `examples/${name}`, '--only', only];
      const { code, output, report } = await run<{ results: Both }>('drill', args);
      if (code !== 0) throw new Error(output);
      const { before, after } = report?.results ?? { before: [], after: [] };
      expect(before[0]?.passed).toBe(false);
      expect(after.map(({ accounts }) => accounts)).toMatchObject([
        { published: 23, effects: 20, dead: 3, lost: 0, left: 0 },
        { lost: 0, duplicates: 0, left: 0, faults: expect.any(Number) },
      ]);
      expect(output).toContain(`| \`malformed-json\``);
    },
    180_000,
  );

  it('handlers of one’s own that forget `once`: the drill is red', async () => {
    const module = ['--module', 'test/faults/drills/test/parcel-handlers.ts'];
    const only = ['--only', 'killed-between-commit-and-ack'];
    const { code, report } = await drill([...module, ...only], { DRILL_FORGETS_ONCE: 'yes' });
    expect(code).toBe(1);
    const [result] = report?.results ?? [];
    expect(result?.accounts?.duplicates).toBeGreaterThan(0);
    expect(result?.violations.join()).toMatch(/done twice/);
  }, 120_000);

  it('handlers of one’s own that send what they do not name: the drill says which right', async () => {
    const module = ['--module', 'test/faults/drills/test/parcel-handlers.ts'];
    const { code, output } = await drill([...module, '--only', 'malformed-json'], {
      DRILL_FORGETS_SENDS: 'yes',
    });
    expect(code).toBe(1);
    expect(output).toContain('failed: a user lacks write on exchange "parcel-packed"');
  }, 120_000);
});
