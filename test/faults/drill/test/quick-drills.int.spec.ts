import { drill } from './run-drill';

describe('npm run drill', () => {
  it('the quick drills: nothing lost, nothing done twice, nothing left', async () => {
    const { code, output, outcomes } = await drill(['--quick']);
    if (code !== 0) throw new Error(output);
    expect(outcomes.length).toBeGreaterThanOrEqual(10);
    for (const { accounts } of outcomes) {
      expect(accounts).toMatchObject({ lost: 0, duplicates: 0, left: 0, unknown: 0, crashes: 0 });
      expect(accounts?.published).toBeGreaterThan(0);
      expect(accounts?.faults).toBeGreaterThan(0);
    }
    for (const line of output.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(100);
  }, 300_000);

  it('handlers of one’s own that forget `once`: the drill is red', async () => {
    const module = ['--module', 'test/faults/drill/test/parcel-handlers.ts'];
    const only = ['--only', 'killed-between-commit-and-ack'];
    const { code, outcomes } = await drill([...module, ...only], { DRILL_FORGETS_ONCE: 'yes' });
    expect(code).toBe(1);
    expect(outcomes[0]?.accounts?.duplicates).toBeGreaterThan(0);
    expect(outcomes[0]?.complaints.join()).toMatch(/done twice/);
  }, 120_000);
});
