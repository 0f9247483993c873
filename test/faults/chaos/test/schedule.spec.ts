import { purchasesOf } from '../purchases';
import { nameOf, scheduleOf, targetsOf, type ScheduleOptions } from '../schedule';

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

describe('the schedule of faults of a cluster', () => {
  const ofCluster = targetsOf({ orders: 2, users: 1, payments: 3 }, 3);
  const scheduled = (seed: number, faults = 24) =>
    scheduleOf({ seed, faults, targets: ofCluster }).map((fault) => ({
      ...fault,
      isNode: fault.target === 'broker',
      name: nameOf(fault, ofCluster),
    }));

  it('is the same for the same seed, and another for another seed', () => {
    expect(scheduled(7)).toEqual(scheduled(7));
    expect(scheduled(7)).not.toEqual(scheduled(8));
  });

  it('hits one node at a time, and lets it return before the next', () => {
    for (const seed of seeds) {
      let freeMs = 0;
      for (const { isNode, replica, atMs, forMs } of scheduled(seed, 60)) {
        if (!isNode) continue;
        expect([0, 1, 2]).toContain(replica);
        expect(atMs).toBeGreaterThanOrEqual(freeMs);
        freeMs = atMs + forMs + 5_000;
      }
    }
  });

  it('hits each node, by each kind of fault before by the same again', () => {
    const kinds = ['cut-off', 'freeze', 'kill', 'lost', 'memory-alarm', 'stop'];
    for (const seed of seeds) {
      const ofNodes = scheduled(seed, 60).filter(({ isNode }) => isNode);
      const firstSix = ofNodes.slice(0, 6);
      expect(firstSix.map(({ kind }) => kind).sort()).toEqual(kinds);
      expect(new Set(firstSix.map(({ replica }) => replica)).size).toBe(3);
    }
  });

  it('names the node, and lasts until the others see that it is cut off', () => {
    const seen = new Set(seeds.flatMap((seed) => scheduled(seed).map(({ name }) => name)));
    for (const node of [1, 2, 3]) {
      for (const kind of ['kill', 'lost', 'cut-off'])
        expect(seen).toContain(`broker-${node} ${kind}`);
    }
    expect(seen).not.toContain('broker-all kill');
    for (const seed of seeds) {
      for (const { kind, forMs } of scheduled(seed)) {
        if (kind === 'cut-off') expect(forMs).toBeGreaterThanOrEqual(15_000);
      }
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
