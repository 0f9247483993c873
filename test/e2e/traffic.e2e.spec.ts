import { eventually } from '@tradepost/test-kit';
import { spawn, type ChildProcess } from 'node:child_process';
import { ownShop } from './own-shop';

interface Ended {
  exitCode: number | null;
  sent: number;
  accepted: number;
  late: number;
  open: number;
  ended: Record<string, number>;
  ceiling?: { perSecond: number; steps: unknown[] };
}

describe('npm run traffic', () => {
  const own = ownShop({ env: { GATEWAY_TIMEOUT_MS: '500' } });
  const shopTest = (name: string, test: () => Promise<void>) => it(name, own.telling(test));

  const running = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
  });

  function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
    const orders = ['--orders', own.shop.url('orders'), '--json'];
    const child = spawn(process.execPath, ['dist/dev/traffic.js', ...orders, ...args]);
    running.add(child);
    let stdout = '';
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (exitCode) => {
        running.delete(child);
        resolve({ ...(JSON.parse(stdout || '{}') as Ended), exitCode });
      }),
    );
    return { child, ended };
  }

  async function statuses(): Promise<Record<string, number>> {
    const response = await fetch(`${own.shop.url('orders')}/v1/orders?include=timeline&limit=1000`);
    const { items } = (await response.json()) as { items: { status: string }[] };
    const counts: Record<string, number> = {};
    for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  shopTest('counts what the shop has: every order, by how it ended', async () => {
    const { ended } = start('--rate', '60', '--for', '4s', '--seed', '7');
    const report = await ended;
    expect(report).toMatchObject({ exitCode: 0, sent: 240, accepted: 240, late: 0, open: 0 });
    const happened = Object.entries(report.ended).filter(([, count]) => count > 0);
    expect(Object.fromEntries(happened)).toEqual(await statuses());
    expect(report.ended.completed).toBeGreaterThan(150);
    expect(report.ended.payment_failed).toBeGreaterThan(0);
    expect(report.ended.cancelled).toBeGreaterThan(0);
  });

  shopTest('ends with a summary when it is interrupted', async () => {
    const before = Object.values(await statuses()).reduce((sum, count) => sum + count, 0);
    const { child, ended } = start('--rate', '20', '--for', '60s');
    await eventually(async () =>
      expect(
        Object.values(await statuses()).reduce((sum, count) => sum + count, 0),
      ).toBeGreaterThan(before + 5),
    );
    child.kill('SIGINT');
    const report = await ended;
    expect(report).toMatchObject({ exitCode: 0, late: 0 });
    expect(report.accepted).toBeGreaterThan(5);
    expect(report.accepted).toBeLessThan(1_000);
  });

  shopTest('finds the most that a shop keeps up with, in the time that it has', async () => {
    const { ended } = start('--rate', 'max', '--for', '6s');
    const { exitCode, ceiling } = await ended;
    expect(exitCode).toBe(0);
    expect(ceiling?.steps).toHaveLength(1);
  });

  shopTest('has exit code 1 when an accepted order does not end in time', async () => {
    await own.shop.stopService('payments');
    const { ended } = start('--rate', '10', '--for', '1s', '--within', '3s', '--seed', '7');
    const report = await ended;
    expect(report).toMatchObject({ exitCode: 1, accepted: 10 });
    expect(report.late).toBeGreaterThan(5);
    await own.shop.restart('payments');
  });

  it('has exit code 2, and says why, where no shop answers', async () => {
    const { child, ended } = start('--orders', 'http://127.0.0.1:9');
    let stderr = '';
    child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
    expect((await ended).exitCode).toBe(2);
    expect(stderr).toContain('No shop answers: http://127.0.0.1:9');
  });
});
