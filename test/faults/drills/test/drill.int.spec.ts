import { run } from '../../harness/test/run-command';
import type { DrillResult } from '../run';

describe('npm run drill', () => {
  const module = ['--module', 'test/faults/drills/test/parcel-handlers.ts'];
  const only = ['--only', 'killed-between-commit-and-ack,killed-mid-batch'];

  it('handlers of one’s own: drilled, and drills of a kind that they lack are skipped', async () => {
    const { code, output, report } = await run<{ results: DrillResult[] }>('drill', [
      ...module,
      ...only,
    ]);
    if (code !== 0) throw new Error(output);
    const [first, second] = report?.results ?? [];
    expect(first?.accounts).toMatchObject({ published: 100, effects: 100, faults: 1 });
    expect(second?.skipped).toBe('no batch flow');
  }, 120_000);
});
