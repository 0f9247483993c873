import { run } from '../../faults/harness/test/run-command';
import type { Run } from '../run';

describe('npm run fuzz, a minute of it', () => {
  it('finds nothing', async () => {
    const size = ['--requests', '5000', '--messages', '30000'];
    const { code, output, report } = await run<Run>('fuzz', [...size, '--seed', '1']);
    if (code !== 0) throw new Error(output);
    expect(report).toMatchObject({ findings: [], messages: { messages: 30_000 } });
    expect(report?.http.requests).toBeGreaterThan(5_000);
    expect(output).toContain('nothing found');
  }, 300_000);
});
