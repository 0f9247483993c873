import type { TopologyDifference, TopologyReport } from '../src/api/topology';
import { sparklinePath } from '../page/views/sparkline-path';
import { appliedWords, topologySummary, topologyText } from '../page/views/topology/topology-words';

const difference = (more: Partial<TopologyDifference>): TopologyDifference => ({
  sign: '+',
  what: 'queue',
  name: 'orders.confirm-sale',
  reason: 'no such queue',
  remedy: 'apply makes it',
  safe: true,
  ...more,
});
const report = (
  differences: TopologyDifference[],
  more: Partial<TopologyReport> = {},
): TopologyReport => ({
  at: 0,
  differences,
  unchecked: [],
  advice: [],
  broker: { alarms: [] },
  ...more,
});

describe('a topology in words', () => {
  it('is one sentence when nothing differs, but for what nobody could look at', () => {
    expect(topologySummary(report([]))).toBe('The broker has what the code declares.');
    expect(topologySummary(report([], { unchecked: ['bindings: no management API'] }))).toBe(
      'Nothing differs in what could be looked at. 1 part could not be looked at.',
    );
  });

  it('counts the differences, and says what can be applied', () => {
    const extra = difference({ sign: '-', safe: false });
    expect(topologySummary(report([difference({})]))).toBe('1 missing; it can be applied.');
    expect(topologySummary(report([difference({}), difference({}), extra]))).toBe(
      '2 missing and 1 extra; 2 can be applied, 1 is left to you.',
    );
    expect(topologySummary(report([extra]))).toContain('none can be applied from here');
  });

  it('is a text to paste', () => {
    const text = 'RabbitMQ 3.10 is out of support';
    const advice = [{ level: 'warning' as const, code: 'old', text }];
    expect(topologyText(report([difference({})], { advice, unchecked: ['policies'] }))).toBe(
      [
        '1 missing; it can be applied. 1 part could not be looked at.',
        '+ queue orders.confirm-sale: no such queue; apply makes it',
        '? policies',
        'warning: RabbitMQ 3.10 is out of support',
      ].join('\n'),
    );
  });

  it('says what an apply did and what it left', () => {
    expect(appliedWords({ did: [], left: [] })).toBe('Nothing was changed.');
    expect(appliedWords({ did: ['made a'], left: [difference({})] })).toBe(
      'Done: 1 change. 1 difference is left.',
    );
  });
});

describe('a sparkline', () => {
  it('runs from the least to the largest value, and is flat when they are equal', () => {
    expect(sparklinePath([0, 5, 10], 20, 12)).toBe('M0 11L10 6L20 1');
    expect(sparklinePath([3, 3], 20, 12)).toBe('M0 6L20 6');
    expect(sparklinePath([7], 20, 12)).toBe('M0 6');
  });
});
