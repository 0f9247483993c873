import { run } from '../../harness/test/run-command';
import type { DrillResult } from '../run';

describe('npm run drill -- --cluster', () => {
  it('the node that leads the queue dies under load: nothing lost, nothing done twice', async () => {
    const { code, output, report } = await run<{ results: DrillResult[] }>('drill', [
      '--cluster',
      '--quick',
    ]);
    if (code !== 0) throw new Error(output);
    const [result] = report?.results ?? [];
    expect(result?.accounts).toMatchObject({ lost: 0, duplicates: 0, left: 0, unknown: 0 });
    expect(result?.accounts?.published).toBeGreaterThan(100);
    expect(result?.notes).toEqual([expect.stringMatching(/^work stood still for \S+ s at most$/)]);
    expect(output).toContain('3 nodes: ');
  }, 300_000);

  it('drills ours alone, and a drill of a single broker is none of a cluster', async () => {
    const against = await run('drill', ['--cluster', '--against', 'nest']);
    expect([against.code, against.output]).toEqual([2, expect.stringContaining('ours alone')]);
    const other = await run('drill', ['--cluster', '--only', 'broker-killed']);
    expect(other.output).toContain('no drill is called "broker-killed"');
  }, 60_000);
});
