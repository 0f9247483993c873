import { run } from '../../harness/test/run-command';
import type { DrillResult } from '../run';

/** Of each drill, on the sample's own library and on the runtime. */
type Both = Record<'before' | 'after', DrillResult[]>;

describe('npm run drill', () => {
  it('in simple mode: what is gone the service declares again', async () => {
    const only = ['--only', 'unroutable,consumer-cancelled,channel-error-404'];
    const { code, output } = await run('drill', ['--mode', 'simple', ...only]);
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
});
