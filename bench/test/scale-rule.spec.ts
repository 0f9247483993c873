import { wave } from '../scale/load';
import { Scaler } from '../scale/rule';

const rule = { from: 1, to: 4, target: 30, calmMs: 15_000 };

describe('how many replicas there should be', () => {
  it.each([
    [0, 1],
    [30, 1],
    [31, 2],
    [90, 3],
    [1_000, 4],
  ])('of %d messages: %d', (depth, replicas) => {
    expect(new Scaler(rule).desired(depth, 0)).toBe(replicas);
  });

  it('is fewer only when fewer were enough for a while', () => {
    const scaler = new Scaler(rule);
    const seen = [120, 0, 60, 0, 0, 0].map((depth, at) => scaler.desired(depth, at * 6_000));
    expect(seen).toEqual([4, 4, 4, 2, 2, 1]);
  });
});

describe('the load', () => {
  const paces = wave({ peak: 100, seconds: 20 }).map(({ perSecond }) => perSecond);

  it('rises to its peak, falls, and stays low until the end', () => {
    expect(paces).toHaveLength(20);
    expect(paces.slice(0, 9)).toEqual(paces.slice(0, 9).toSorted((a, b) => a - b));
    expect(Math.max(...paces)).toBe(100);
    expect(paces.slice(-4)).toEqual([5, 5, 5, 5]);
  });
});
