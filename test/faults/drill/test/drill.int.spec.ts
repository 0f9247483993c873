import { drill } from './run-drill';

describe('npm run drill', () => {
  const module = ['--module', 'test/faults/drill/test/parcel-handlers.ts'];
  const only = ['--only', 'killed-between-commit-and-ack,killed-mid-batch'];

  it('handlers of one’s own: drilled, and drills of a kind that they lack are skipped', async () => {
    const { code, output, outcomes } = await drill([...module, ...only]);
    if (code !== 0) throw new Error(output);
    expect(outcomes[0]?.accounts).toMatchObject({ published: 100, effects: 100, faults: 1 });
    expect(outcomes[1]?.skipped).toBe('no batch flow');
  }, 120_000);
});
