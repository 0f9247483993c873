import { plansOf } from '../plans';
import { scheduleOf, type ScheduleOptions } from '../schedule';

const scale = { orders: 2, users: 1, financial: 1, payments: 3, 'log-sink': 1, witness: 1 };
const options: ScheduleOptions = { seed: 7, faults: 24, scale, servers: ['broker', 'database'] };
const seeds = Array.from({ length: 40 }, (_, i) => i + 1);

describe('the schedule of faults', () => {
  it('is the same for the same seed and scale, and another for another seed', () => {
    expect(scheduleOf(options)).toEqual(scheduleOf({ ...options, scale: { ...scale } }));
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
      const targets = scheduleOf({ ...options, seed }).map(({ target }) => target);
      expect(new Set(targets).size).toBe(Object.keys(scale).length + 2);
      for (let i = 0; i + 4 <= targets.length; i += 1) {
        expect(new Set(targets.slice(i, i + 4)).size).toBe(4);
      }
    }
  });

  it('gives each target each kind of fault over the seeds, each replica alone and all at once', () => {
    const seen = new Set(
      seeds.flatMap((seed) =>
        scheduleOf({ ...options, seed }).flatMap(({ target, kind, replica }) => [
          `${target} ${kind}`,
          `${target} of ${replica ?? 'all'}`,
        ]),
      ),
    );
    const processKinds = ['kill', 'stop', 'freeze'];
    const links = ['cut', 'silent', 'dead'].flatMap((what) => [
      `${what}-broker`,
      `${what}-database`,
    ]);
    for (const target of ['broker', 'database']) {
      for (const kind of processKinds) expect(seen).toContain(`${target} ${kind}`);
    }
    for (const [service, count] of Object.entries(scale)) {
      for (const kind of [...processKinds, ...links]) expect(seen).toContain(`${service} ${kind}`);
      for (let i = 0; i < count; i += 1) expect(seen).toContain(`${service} of ${i}`);
      expect(seen).toContain(`${service} of all`);
    }
  });
});

describe('the plans of the customers', () => {
  it('are the same for the same seed, and of every kind', () => {
    const plans = plansOf({ seed: 3, orders: 500 });
    expect(plans).toEqual(plansOf({ seed: 3, orders: 500 }));
    const kinds = new Set(plans.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'approve',
      'decline',
      'timeout',
      'timeout-once',
      'unknown-user',
    ]);
    expect(plans.some(({ copies }) => copies > 1)).toBe(true);
    expect(plans.some(({ againAfterMs }) => againAfterMs !== undefined)).toBe(true);
    expect(
      plans.some(({ cancelAfterMs, cancels }) => cancelAfterMs !== undefined && cancels > 1),
    ).toBe(true);
  });
});
