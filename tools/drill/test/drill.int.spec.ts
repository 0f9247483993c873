import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from '../play';

interface Run {
  code: number;
  output: string;
  outcomes: Outcome[];
}

describe('npm run drill', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drill-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function drill(args: string[], env: Record<string, string> = {}): Promise<Run> {
    const json = join(folder, 'report.json');
    const program = ['--enable-source-maps', 'dist/tools/drill.js', ...args, '--json', json];
    const [code, output] = await new Promise<[number, string]>((resolve) => {
      execFile(
        process.execPath,
        program,
        { env: { ...process.env, ...env } },
        (error, out, err) => {
          resolve([typeof error?.code === 'number' ? error.code : error ? -1 : 0, `${out}${err}`]);
        },
      );
    });
    const text = await readFile(json, 'utf8').catch(() => '{"outcomes":[]}');
    return { code, output, outcomes: JSON.parse(text).outcomes };
  }

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

  const module = ['--module', 'tools/drill/test/parcel-handlers.ts'];
  const only = ['--only', 'killed-between-commit-and-ack,killed-mid-batch'];

  it('handlers of one’s own: drilled, and drills of a kind that they lack are skipped', async () => {
    const { code, output, outcomes } = await drill([...module, ...only]);
    if (code !== 0) throw new Error(output);
    expect(outcomes[0]?.accounts).toMatchObject({ published: 100, effects: 100, faults: 1 });
    expect(outcomes[1]?.skipped).toBe('no batch flow');
  }, 120_000);

  it('handlers of one’s own that forget `once`: the drill is red', async () => {
    const { code, outcomes } = await drill([...module, ...only], { DRILL_FORGETS_ONCE: 'yes' });
    expect(code).toBe(1);
    expect(outcomes[0]?.accounts?.duplicates).toBeGreaterThan(0);
    expect(outcomes[0]?.complaints.join()).toMatch(/done twice/);
  }, 120_000);
});
