import { Logger } from '@nestjs/common';
import { EventStream } from '../src/http/event-stream';
import { StreamWatch } from '../src/http/stream-watch';

const everyMs = 1_000;

class Watch extends StreamWatch<EventStream> {
  polls: EventStream[][] = [];
  answer: () => Promise<boolean> = async () => Promise.resolve(false);

  constructor() {
    super(everyMs, 'not read');
  }

  nudge(): void {
    this.pollSoon();
  }

  protected async poll(ready: EventStream[]): Promise<boolean> {
    this.polls.push(ready);
    return this.answer();
  }
}

describe('what watches for streams', () => {
  let watch: Watch;

  beforeEach(() => {
    jest.useFakeTimers();
    watch = new Watch();
  });
  afterEach(async () => {
    await watch.beforeApplicationShutdown();
    jest.useRealTimers();
  });

  const pass = async (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('polls nothing without a stream, before the first and after the last', async () => {
    await pass(10 * everyMs);
    watch.nudge();
    await pass(10 * everyMs);
    expect(watch.polls).toEqual([]);
    const stream = new EventStream();
    watch.add(stream);
    await pass(2 * everyMs + 100);
    expect(watch.polls).toEqual([[stream], [stream], [stream]]);
    watch.remove(stream);
    await pass(10 * everyMs);
    expect(watch.polls).toHaveLength(3);
  });

  it('asks nothing for a stream whose reader takes no more', async () => {
    const [stalled, ready] = [new EventStream(), new EventStream()];
    stalled.send({ data: 'x'.repeat(100_000) });
    watch.add(stalled);
    watch.add(ready);
    await pass(0);
    expect(watch.polls).toEqual([[ready]]);
  });

  it('polls again at once when there is more', async () => {
    watch.answer = async () => Promise.resolve(watch.polls.length < 3);
    watch.add(new EventStream());
    await pass(everyMs / 2);
    expect(watch.polls).toHaveLength(3);
  });

  it('polls one at a time, and goes on after a failure', async () => {
    let fail: (error: Error) => void = () => undefined;
    watch.answer = async () => new Promise((_, reject) => (fail = reject));
    watch.add(new EventStream());
    await pass(5 * everyMs);
    watch.nudge();
    await pass(everyMs);
    expect(watch.polls).toHaveLength(1);
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    fail(new Error('away'));
    await pass(everyMs);
    expect(watch.polls).toHaveLength(2);
    fail(new Error('still away'));
    await pass(0);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
