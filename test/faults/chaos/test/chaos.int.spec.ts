import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '../run';

interface Ended {
  code: number;
  output: string;
  report?: Run & { failures: string[] };
}

describe('npm run chaos', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chaos-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function chaos(args: string[]): Promise<Ended> {
    const json = join(folder, 'report.json');
    const program = ['--enable-source-maps', 'dist/test/faults/chaos.js', ...args, '--json', json];
    const [code, output] = await new Promise<[number, string]>((resolve) => {
      execFile(process.execPath, program, { maxBuffer: 2 ** 26 }, (error, out, err) => {
        resolve([typeof error?.code === 'number' ? error.code : error ? -1 : 0, `${out}${err}`]);
      });
    });
    const text = await readFile(json, 'utf8').catch(() => undefined);
    return { code, output, report: text === undefined ? undefined : JSON.parse(text) };
  }

  it('everything breaks, and every order comes to its end, once', async () => {
    const size = ['--orders', '120', '--faults', '6', '--scale', 'payments=2', 'orders=2'];
    // Kills orders, witness, database and broker, and the wires of payments.
    const { code, output, report } = await chaos([...size, '--seed', '2419']);
    if (code !== 0) throw new Error(output);
    expect(report).toMatchObject({ accepted: 120, failures: [], unsettled: [], crashes: [] });
    expect(report?.strikes).toHaveLength(6);
    expect(report?.testimony.heard).toBeGreaterThan(60);
    expect(report?.testimony.copies).toBeGreaterThan(0);
    expect(report?.audited.orders).toBe(120);
  }, 300_000);

  it('the plan is told, and nothing is run', async () => {
    const args = ['--plan', '--seed', '4', '--orders', '2000'];
    const { code, output } = await chaos(args);
    const lines = output.trimEnd().split('\n');
    expect({ code, faults: lines.length }).toEqual({ code: 0, faults: 24 });
    expect((await chaos(args)).output).toBe(output);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  }, 60_000);

  it.each([
    [['--scale', 'shop=3'], '"shop=3": --scale takes payments=3 and the like'],
    [['--orders', 'many'], '--orders is "many"; it wants a whole number from 1'],
    [['--scale', 'orders=0'], '--scale orders is "0"; it wants a whole number from 1'],
  ])(
    '%j is refused, saying why',
    async (args, said) => {
      const { code, output } = await chaos(args);
      expect([code, output.trim()]).toEqual([1, said]);
    },
    60_000,
  );
});
