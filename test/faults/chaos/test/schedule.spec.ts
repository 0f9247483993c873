import { purchasesOf } from '../purchases';
import { scheduleOf, targetsOf, type ScheduleOptions } from '../schedule';

const targets = targetsOf({ orders: 2, users: 1, financial: 1, payments: 3, 'log-sink': 1 });
const options: ScheduleOptions = { seed: 7, faults: 24, targets };
const seeds = Array.from({ length: 100 }, (_, i) => i + 1);

describe('the schedule of faults', () => {
  it('is the same for the same seed and scale, and another for another seed', () => {
    expect(scheduleOf(options)).toEqual(scheduleOf({ ...options }));
    expect(scheduleOf(options)).not.toEqual(scheduleOf({ ...options, seed: 8 }));
  });

  it('has a fault every 2 to 4 s, each healed after 1 to 5 s', () => {
    for (const seed of seeds) {
      let before = 0;
      for (const { atMs, forMs } of scheduleOf({ ...options, seed })) {
        expect(atMs - before).toBeGreaterThanOrEqual(2_000);
        expect(atMs - before).toBeLessThanOrEqual(4_000);
        expect(forMs).toBeGreaterThanOrEqual(1_000);
        expect(forMs).toBeLessThanOrEqual(5_000);
        before = atMs;
      }
    }
  });

  it('gives each target its turn in each run, and lets it rest in between', () => {
    for (const seed of seeds) {
      const hit = scheduleOf({ ...options, seed }).map(({ target }) => target);
      expect(new Set(hit)).toEqual(new Set(targets.map(({ name }) => name)));
      for (let i = 0; i + 4 <= hit.length; i += 1)
        expect(new Set(hit.slice(i, i + 4)).size).toBe(4);
    }
  });

  it('first shows in each run what the inbox and the confirm are for', () => {
    for (const seed of seeds) {
      const schedule = scheduleOf({ ...options, seed });
      const first = (name: string) => schedule.find(({ target }) => target === name);
      expect(first('probe')).toMatchObject({ kind: 'kill' });
      expect(first('payments')).toMatchObject({ kind: 'dead', link: 'broker' });
    }
  });

  it('gives each target each kind of fault over the seeds, each replica alone and all at once', () => {
    const seen = new Set(
      seeds.flatMap((seed) =>
        scheduleOf({ ...options, seed }).flatMap(({ target, kind, link, replica }) => [
          link === undefined ? `${target} ${kind}` : `${target} ${kind} ${link}`,
          `${target} of ${replica ?? 'all'}`,
        ]),
      ),
    );
    for (const { name, processes, links } of targets) {
      for (const kind of ['kill', 'stop', 'freeze']) expect(seen).toContain(`${name} ${kind}`);
      for (const link of links) {
        for (const kind of ['cut', 'silent', 'dead'])
          expect(seen).toContain(`${name} ${kind} ${link}`);
      }
      for (let i = 0; i < processes; i += 1) expect(seen).toContain(`${name} of ${i}`);
      expect(seen).toContain(`${name} of all`);
    }
  });
});

describe('the purchases of the customers', () => {
  it('are the same for the same seed, and of every kind', () => {
    const purchases = purchasesOf({ seed: 3, orders: 500 });
    expect(purchases).toEqual(purchasesOf({ seed: 3, orders: 500 }));
    const kinds = new Set(purchases.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'approve',
      'decline',
      'timeout',
      'timeout-once',
      'unknown-user',
    ]);
    expect(purchases.some(({ copies }) => copies > 1)).toBe(true);
    expect(purchases.some(({ againAfterMs }) => againAfterMs !== undefined)).toBe(true);
    expect(
      purchases.some(({ cancelAfterMs, cancels }) => cancelAfterMs !== undefined && cancels > 1),
    ).toBe(true);
  });
});
