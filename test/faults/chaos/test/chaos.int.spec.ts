import { run } from '../../harness/test/run-command';
import { services } from '../../../../apps/services';
import type { Run } from '../run';

describe('npm run chaos', () => {
  const chaos = (args: string[]) => run<Run & { failures: string[] }>('chaos', args);

  it('everything breaks, and every order comes to its end, once', async () => {
    const size = ['--orders', '120', '--scale', 'payments=2', 'orders=2'];
    const { code, output, report } = await chaos([...size, '--seed', '2419']);
    if (code !== 0) throw new Error(output);
    expect(report).toMatchObject({ accepted: 120, failures: [], unsettled: [], crashes: [] });
    const hit = report?.faults.map(({ fault }) => fault.target);
    expect(hit).toEqual(expect.arrayContaining([...services, 'probe', 'broker', 'database']));
    expect(report?.probe.heard).toBeGreaterThan(60);
    expect(report?.probe.copies).toBeGreaterThan(0);
    expect(report?.audited.orders).toBe(120);
  }, 300_000);

  it('the plan is printed, and nothing is run', async () => {
    const args = ['--plan', '--seed', '4', '--orders', '2000'];
    const { code, output } = await chaos(args);
    const lines = output.trimEnd().split('\n');
    expect({ code, faults: lines.length }).toEqual({ code: 0, faults: 24 });
    expect((await chaos(args)).output).toBe(output);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  }, 60_000);

  it.each([
    [['--scale', 'shop=3'], '"shop=3": --scale takes payments=3 and the like'],
    [['--orders', 'many'], '--orders wants a whole number from 1, not "many"'],
    [['--scale', 'orders=0'], '--scale orders wants a whole number from 1 to 9, not "0"'],
  ])(
    '%j is refused, saying why',
    async (args, reason) => {
      const { code, output } = await chaos(args);
      expect([code, output.trim()]).toEqual([2, `${reason}\n--help says what it takes.`]);
    },
    60_000,
  );
});
