import { run } from '../../harness/test/run-command';
import type { DrillResult } from '../run';

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
