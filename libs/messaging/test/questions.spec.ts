import { newEnvelope } from '../src/envelope';
import { RpcFailed, RpcTimeout } from '../src/errors';
import { Questions, type Question } from '../src/rpc/questions';

const long = 60_000;

describe('questions without an answer', () => {
  /** What was written, again and again where it was. */
  const written: Question[] = [];
  let questions: Questions;

  beforeEach(() => {
    written.length = 0;
    questions = new Questions(3, (question) => {
      question.isAsked = true;
      written.push(question);
    });
  });
  afterEach(() => {
    questions.failAll('the test is over');
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const asking = async (key: string | undefined, timeoutMs = long) =>
    questions
      .wait(key, timeoutMs, () => ({
        envelope: newEnvelope('Find'),
        queue: 'tests.find',
        content: Buffer.from(key ?? ''),
      }))
      .then(String, (error: unknown) => error);
  const idOf = (place: number) => written[place]?.envelope.messageId ?? '';
  const answer = (place: number, text: string) => questions.answer(idOf(place), Buffer.from(text));
  const inFlight = () => [...questions.all()].length;

  it('are each answered once, by their id', async () => {
    const [one, other] = [asking(undefined), asking(undefined)];
    expect(written).toHaveLength(2);
    expect(answer(1, 'second')).toBe(true);
    expect(answer(0, 'first')).toBe(true);
    expect(await Promise.all([one, other])).toEqual(['first', 'second']);
    expect(answer(0, 'again')).toBe(false);
    expect(questions.fail(idOf(1), () => new Error('again'))).toBe(false);
    expect(inFlight()).toBe(0);
  });

  it('that are equal are written once, until the answer is there', async () => {
    const both = [asking('same'), asking('same')];
    const other = asking('another');
    expect(written.map(({ key }) => key)).toEqual(['same', 'another']);
    answer(0, 'shared');
    expect(await Promise.all(both)).toEqual(['shared', 'shared']);
    const anew = asking('same');
    expect(written).toHaveLength(3);
    answer(2, 'new');
    answer(1, 'its own');
    expect(await Promise.all([anew, other])).toEqual(['new', 'its own']);
  });

  it('fail for each who asked, with an error of its own', async () => {
    const both = Promise.all([asking('same'), asking('same')]);
    expect(questions.fail(idOf(0), (queue) => new Error(queue))).toBe(true);
    const [one, other] = await both;
    expect([one, other]).toEqual([new Error('tests.find'), new Error('tests.find')]);
    expect(one).not.toBe(other);
  });

  it('are so many at most, shared ones counted, and more again when one is over', async () => {
    const first = [asking('same'), asking('same')];
    const hasty = asking(undefined, 10);
    for (const refused of [await asking(undefined), await asking('same')]) {
      expect(refused).toBeInstanceOf(RpcFailed);
      expect(String(refused)).toContain('tests.find');
      expect(String(refused)).toContain('3 questions already wait for an answer');
    }
    expect(written).toHaveLength(2);
    expect(inFlight()).toBe(2);
    expect(await hasty).toBeInstanceOf(RpcTimeout);
    const third = asking(undefined);
    expect(await asking(undefined)).toBeInstanceOf(RpcFailed);
    answer(0, 'shared');
    expect(await Promise.all(first)).toEqual(['shared', 'shared']);
    const next = [asking(undefined), asking(undefined)];
    expect(await asking(undefined)).toBeInstanceOf(RpcFailed);
    for (const place of [2, 3, 4]) answer(place, 'late');
    expect(await Promise.all([third, ...next])).toEqual(['late', 'late', 'late']);
  });

  it('end at their deadlines, whichever was asked first, and are then forgotten', async () => {
    const patient = asking(undefined);
    const [second, first] = [asking(undefined, 60), asking(undefined, 20)];
    expect(await first).toBeInstanceOf(RpcTimeout);
    expect(inFlight()).toBe(2);
    expect(await second).toBeInstanceOf(RpcTimeout);
    expect(String(await second)).toContain('60 ms');
    expect(inFlight()).toBe(1);
    expect(answer(1, 'too late')).toBe(false);
    answer(0, 'in time');
    expect(await patient).toBe('in time');
    expect(await asking(undefined, 20)).toBeInstanceOf(RpcTimeout);
  });

  it('that are shared go on for who has time left, and are not written again for it', async () => {
    const [patient, hasty] = [asking('same'), asking('same', 20)];
    expect(await hasty).toBeInstanceOf(RpcTimeout);
    expect(written).toHaveLength(1);
    answer(0, 'in time');
    expect(await patient).toBe('in time');
  });

  it('are written again once they are late for who asked first, for the longest of the others', async () => {
    jest.useFakeTimers();
    const callers = [asking('same', 1_000), asking('same', 2_000), asking('same')];
    await jest.advanceTimersByTimeAsync(1_010);
    expect(await callers[0]).toBeInstanceOf(RpcTimeout);
    expect(written).toHaveLength(2);
    expect(written[1]).toBe(written[0]);
    const leftMs = (written[1]?.deadline ?? 0) - performance.now();
    expect(leftMs).toBeGreaterThan(long / 2);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await callers[1]).toBeInstanceOf(RpcTimeout);
    expect(written).toHaveLength(2);
    answer(0, 'in time');
    expect(await callers[2]).toBe('in time');
  });

  it('that take many answers wait anew after each, until none comes in time or it is the last', () => {
    jest.useFakeTimers();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const [heard, failed]: [string[], Error[]] = [[], []];
    const asked = { envelope: newEnvelope('Find'), queue: 'tests.find', content: Buffer.of() };
    const answered = (given: Buffer) => heard.push(given.toString());
    const listener = { timeoutMs: 1_000, answered, failed: (error: Error) => failed.push(error) };
    questions.open(asked, listener);
    for (const text of ['one', 'two', 'three']) {
      jest.advanceTimersByTime(900);
      expect(answer(0, text)).toBe(true);
    }
    // One timer serves all, and is set as seldom as it can be.
    expect(timers.mock.calls.length).toBeLessThan(5);
    jest.advanceTimersByTime(900);
    expect([heard, failed]).toEqual([['one', 'two', 'three'], []]);
    jest.advanceTimersByTime(200);
    expect(failed).toEqual([expect.any(RpcTimeout)]);
    expect(answer(0, 'too late')).toBe(false);
    const end = questions.open({ ...asked, envelope: newEnvelope('Find') }, listener);
    expect(answer(1, 'four')).toBe(true);
    end();
    expect(answer(1, 'five')).toBe(false);
    jest.advanceTimersByTime(2_000);
    expect([heard.at(-1), failed.length, inFlight()]).toEqual(['four', 1, 0]);
  });

  it('all fail at once when nothing can answer them any more; the next ones do not', async () => {
    const all = Promise.all([asking('same', 100), asking('same', 100), asking(undefined)]);
    questions.failAll('gone');
    for (const failed of await all) {
      expect(failed).toBeInstanceOf(RpcFailed);
      expect(String(failed)).toContain('gone');
    }
    expect(inFlight()).toBe(0);
    const next = [asking('same', 150), asking(undefined, 150), asking(undefined, 150)];
    expect(written).toHaveLength(5);
    for (const late of await Promise.all(next)) expect(late).toBeInstanceOf(RpcTimeout);
  });
});
