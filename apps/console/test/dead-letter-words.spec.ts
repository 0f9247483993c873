import type { Replay } from '../src/api/dead-letters';
import {
  operationWords,
  replayMoves,
  replayPlan,
  replayState,
} from '../page/views/dead-letters/replay-words';
import { listed, roughly } from '../page/views/words';

const charge = ['payments.charge-payment'];

describe('a replay in words, before it', () => {
  it('says how many, where, how fast, and what contracts say', () => {
    expect(replayPlan({ wouldSend: 412, invalid: [], unchecked: 0 }, charge, 50)).toBe(
      "412 messages go to payments.charge-payment at 50/s, about 9 s; today's contract refuses none.",
    );
    expect(replayPlan({ wouldSend: 1, invalid: [], unchecked: 0 }, charge, undefined)).toBe(
      '1 message goes to payments.charge-payment as fast as the broker confirms; ' +
        "today's contract refuses none.",
    );
  });

  it('says what fails again, and what nothing could check', () => {
    const invalid = [{ id: 'a', queue: 'q', problem: 'total must be an integer' }];
    expect(replayPlan({ wouldSend: 3, invalid, unchecked: 1 }, charge, 1)).toContain(
      "today's contract refuses 1, which fails again; 1 could not be checked.",
    );
    expect(replayPlan({ wouldSend: 2, invalid: [], unchecked: 2 }, [], 1)).toContain(
      'none was checked',
    );
  });

  it('says that nothing is left to send', () => {
    expect(replayPlan({ wouldSend: 0, invalid: [], unchecked: 0 }, charge, 50)).toContain(
      'nothing would be sent',
    );
  });
});

describe('a replay in words, later', () => {
  const replay = (more: Partial<Replay>): Replay => ({
    id: 'r',
    service: 'payments',
    startedAt: 0,
    by: 'me',
    state: 'done',
    selected: 10,
    sent: 10,
    handled: 0,
    failedAgain: 0,
    waiting: 0,
    stayed: [],
    messages: [],
    ...more,
  });

  it('tells what became of the messages', () => {
    expect(replayState(replay({ handled: 7, failedAgain: 1, waiting: 2 }))).toBe(
      '10 messages sent: 7 handled, 1 failed again and 2 not handled yet.',
    );
  });

  it('tells which half was done when it failed half-way', () => {
    expect(
      replayState(replay({ state: 'failed', sent: 4, problem: 'The broker does not confirm.' })),
    ).toBe(
      'Failed half-way: 4 of 10 confirmed by the broker; of the other 6 none is confirmed. ' +
        'The broker does not confirm.',
    );
  });

  it('counts what stayed neither as sent nor as left', () => {
    const stayed = [
      { id: '1', queue: 'q', problem: 'its queue is gone' },
      { id: '2', queue: 'q', problem: 'its queue is gone' },
    ];
    expect(replayState(replay({ sent: 8, handled: 8, stayed }))).toBe(
      '8 messages sent: 8 handled. 2 stayed: its queue is gone.',
    );
    expect(replayState(replay({ state: 'paused', sent: 3, stayed }))).toBe(
      'Paused: 3 of 10 sent, 5 left. One that was on its way already still goes.',
    );
    expect(replayState(replay({ state: 'stopped', sent: 9 }))).toBe(
      'Stopped: 9 of 10 sent; 1 is still a dead letter.',
    );
  });

  it('moves until the last of its messages is handled or failed again', () => {
    expect(replayMoves(replay({ waiting: 1 }))).toBe(true);
    expect(replayMoves(replay({ state: 'failed' }))).toBe(false);
    expect(replayMoves(replay({ state: 'paused' }))).toBe(true);
  });

  it('tells what an undo left as it was', () => {
    const result = { service: 's', operation: 3, done: 1, stayed: [] };
    expect(operationWords('discard', result)).toBe('1 message was discarded.');
    const stayed = [{ id: '1', queue: 'q', problem: 'it is in its queue already' }];
    expect(operationWords('undo', { ...result, done: 2, stayed })).toBe(
      '2 messages were put back among the dead letters. 1 stayed as it was: it is in its queue already.',
    );
  });
});

describe('words', () => {
  it('list, and say how long', () => {
    expect(listed(['a'])).toBe('a');
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
    expect(listed(['a', 'b', 'c', 'd'])).toBe('a, b and 2 more');
    expect([0.2, 8.2, 99, 101, 7200].map((s) => roughly(s))).toEqual([
      'under a second',
      'about 9 s',
      'about 99 s',
      'about 2 min',
      'about 2 h',
    ]);
  });
});
