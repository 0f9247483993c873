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
});
