import { Logger } from '@nestjs/common';
import { Periodic } from '../src';

class Poll extends Periodic {
  rounds = 0;
  isFailing = true;

  async run(): Promise<void> {
    this.rounds += 1;
    if (this.isFailing) throw new Error('no database');
  }
}

describe('Periodic', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('pauses after failed rounds, warns once a minute, and has its pace back when one succeeds', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    const poll = new Poll(50);
    poll.onApplicationBootstrap();

    await jest.advanceTimersByTimeAsync(59_000);
    expect(poll.rounds).toBeLessThan(20);
    expect(poll.rounds).toBeGreaterThan(10);
    expect(warn).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(warn).toHaveBeenCalledTimes(2);

    poll.isFailing = false;
    await jest.advanceTimersByTimeAsync(5_000);
    const before = poll.rounds;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(poll.rounds - before).toBe(20);
    await poll.beforeApplicationShutdown();
    warn.mockRestore();
  });

  it('begins no round before the one before has ended', async () => {
    const poll = new Poll(50);
    let end = () => undefined as void;
    jest.spyOn(poll, 'run').mockImplementation(() => new Promise((resolve) => (end = resolve)));
    poll.onApplicationBootstrap();

    await jest.advanceTimersByTimeAsync(500);
    expect(poll.run).toHaveBeenCalledTimes(1);
    end();
    await jest.advanceTimersByTimeAsync(50);
    expect(poll.run).toHaveBeenCalledTimes(2);
    end();
    await poll.beforeApplicationShutdown();
  });
});
