import { Depths } from '../src/live/depths';
import { FlowSample } from '../src/live/flow-sample';
import { Rates } from '../src/live/rates';
import { Series } from '../src/live/series';

describe('a rate', () => {
  it('is that of the last five seconds', () => {
    const rates = new Rates();
    for (let second = 0; second <= 20; second += 1) {
      rates.take('sold', second < 10 ? second * 100 : 1_000 + (second - 10) * 10, second * 1_000);
    }
    expect(rates.perSecond('sold', 20_000)).toBe(10);
  });

  it('begins anew with a process that begins anew', () => {
    const rates = new Rates();
    rates.take('sold', 5_000, 1_000);
    rates.take('sold', 20, 2_000);
    expect(rates.perSecond('sold', 2_000)).toBe(0);
    rates.take('sold', 30, 3_000);
    expect(rates.perSecond('sold', 3_000)).toBe(10);
  });

  it('is not made of what was counted before nobody looked', () => {
    const rates = new Rates();
    rates.take('sold', 0, 0);
    rates.take('sold', 9_000, 60_000);
    expect(rates.perSecond('sold', 60_000)).toBe(0);
  });

  it('is of all that a counter has when its process had none of it at the look before', () => {
    const rates = new Rates();
    rates.take('sold', 20, 2_000, 1_000);
    expect(rates.perSecond('sold', 2_000)).toBe(20);
    rates.take('told', 20, 60_000, 1_000);
    expect(rates.perSecond('told', 60_000)).toBe(0);
  });

  it('is none of a counter that is not told any more', () => {
    const rates = new Rates();
    rates.take('sold', 0, 0);
    rates.take('sold', 10, 1_000);
    expect(rates.perSecond('sold', 9_000)).toBe(0);
  });

  it('a minute is of as much of it as is known', () => {
    const rates = new Rates();
    rates.take('sold', 0, 0);
    rates.take('sold', 20, 10_000);
    expect(rates.perMinute('sold')).toBe(120);
  });
});

describe('the depths of a queue', () => {
  it('say how long its oldest message has waited at least', () => {
    const depths = new Depths();
    depths.add(0, 0, 0);
    depths.add(1_000, 10, 0);
    depths.add(2_000, 12, 4);
    // Of the ten of second 1 six were done with since: four are left.
    depths.add(3_000, 9, 6);
    expect(depths.oldestMs(3_000)).toBe(2_000);
    // All ten are gone; of those of second 2 there is one.
    depths.add(4_000, 6, 11);
    expect(depths.oldestMs(4_000)).toBe(2_000);
    depths.add(5_000, 0, 17);
    expect(depths.oldestMs(5_000)).toBe(0);
  });

  it('know nothing of before the broker was started anew', () => {
    const depths = new Depths();
    depths.add(0, 50, 900);
    depths.add(1_000, 50, 2);
    expect(depths.oldestMs(1_000)).toBe(0);
    expect(depths.max).toBe(50);
  });
});

describe('a sample of flows', () => {
  const flow = (digits: string) => `${'a'.repeat(24)}${digits}`;

  it('is all of them while they are few', () => {
    const sample = new FlowSample();
    expect(sample.takes(flow('00000000'), 1, 0)).toBe(true);
    expect(sample.share).toBe(1);
  });

  it('leaves out what another service leaves out', () => {
    const sample = new FlowSample();
    expect(sample.takes(flow('40000000'), 0.5, 0)).toBe(false);
    expect(sample.takes(flow('c0000000'), 0.5, 0)).toBe(true);
  });

  it('leaves whole flows out when they are many, and never one that is marked', () => {
    const sample = new FlowSample();
    for (let step = 0; step < 1_000; step += 1) sample.takes(flow('ffffffff'), 1, 1);
    expect(sample.share).toBeLessThan(1);
    expect(sample.takes(flow('00000000'), 1, 1)).toBe(false);
    expect(sample.takes(flow('ffffffff'), 1, 1)).toBe(true);
  });
});

describe('a series', () => {
  it('has a gap where a value was not there', () => {
    const series = new Series();
    series.add(1, { depth: 5 });
    series.add(2, { depth: null, rate: 3 });
    expect(series.read()).toEqual({ at: [1, 2], series: { depth: [5, null], rate: [null, 3] } });
  });

  it('forgets what is older than 15 minutes', () => {
    const series = new Series();
    for (let at = 1; at <= 1_000; at += 1) series.add(at, { depth: at });
    const { at, series: of } = series.read();
    expect([at.length, at[0], at.at(-1)]).toEqual([900, 101, 1_000]);
    expect(of.depth?.[0]).toBe(101);
  });
});
