import { accountsOf, disorder, violationsOf, type Evidence } from '../accounts';

describe('the accounts of a drill', () => {
  const good: Evidence = {
    sent: new Set([1, 2, 3]),
    committed: new Set([1, 2, 3]),
    confirmed: new Set([1, 2, 3]),
    returned: new Set(),
    anonymous: 1,
    effects: [1, 2, 3],
    dead: 1,
    left: 0,
    faults: 1,
    crashes: 0,
  };
  const violations = (change: Partial<Evidence>, dead = 1) =>
    violationsOf(accountsOf({ ...good, ...change }), { dead });

  it('everything done once, and the one that cannot be handled dead: passed', () => {
    expect(violations({})).toEqual([]);
    expect(accountsOf(good)).toMatchObject({ published: 4, confirmed: 4, lost: 0, duplicates: 0 });
  });

  it.each<[string, Partial<Evidence>, string]>([
    ['a confirmed message without an effect', { effects: [1, 2] }, '1 lost'],
    ['an effect twice', { effects: [1, 2, 2, 3] }, '1 done twice'],
    ['a message in a queue at the end', { effects: [1, 2], left: 1 }, '1 left in queues'],
    [
      'a message in the outbox at the end',
      { returned: new Set([3]), confirmed: new Set([1, 2]), effects: [1, 2] },
      '1 still wait in the outbox',
    ],
    [
      'a committed message that never left',
      { confirmed: new Set([1, 2]), effects: [1, 2] },
      '1 committed, but never sent',
    ],
    [
      'a message that the sender was told is committed, and of which nobody knows',
      { committed: new Set([1, 2, 3, 4]) },
      '1 committed, and gone',
    ],
    ['an effect of what was never sent', { effects: [1, 2, 3, 4] }, 'more came out than went in'],
    ['a process that ended by itself', { crashes: 1 }, '1 processes crashed'],
    ['no fault', { faults: 0 }, 'no fault happened'],
  ])('%s: failed', (_, change, violation) => {
    expect(violations(change)).toContain(violation);
  });

  it('nothing published: failed', () => {
    const none = new Set<number>();
    const nothing = { sent: none, committed: none, confirmed: none, effects: [] };
    expect(violations({ ...nothing, anonymous: 0, dead: 0 }, 0)).toEqual(['nothing was published']);
  });

  it('a dead letter that should not be: failed', () => {
    expect(violations({ effects: [1, 2], dead: 2 })).toEqual(['2 dead instead of 1']);
  });

  it('a confirmed effect does not hide that another message was lost', () => {
    const change = { sent: new Set([1, 2, 3, 4]), effects: [1, 2, 4] };
    expect(violations(change)).toContain('1 lost');
  });
});

describe('the order of effects', () => {
  const keyOf = (job: number) => (job % 2 === 0 ? 'even' : 'odd');

  it('is that of the sending, for each key alone, and what has none is left out', () => {
    expect(disorder([1, 2, 3, 4, 6, 5], [2, 4, 1, 6, 5], keyOf)).toEqual([]);
  });

  it('is broken by one that overtakes, and by one that comes twice', () => {
    expect(disorder([1, 3, 5, 2], [1, 5, 3, 2], keyOf)).toEqual(['odd: job 5 where 3 was to come']);
    expect(disorder([2, 4], [2, 4, 2], keyOf)).toEqual(['even: job 2 where undefined was to come']);
  });
});
