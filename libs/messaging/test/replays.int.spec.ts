import { Injectable } from '@nestjs/common';
import { OnWork, Rejected, ReplayRefused, Replays, type Received } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench } from './bench';
import { DoWork } from './contracts';

let isRefusing = true;
const handled: string[] = [];

/** Keeps no mark of its own. */
@Injectable()
class Worker {
  @OnWork(DoWork, { retry: [], batch: { size: 4 } })
  async handle(batch: Received<DoWork>[]) {
    const failed = batch
      .filter(({ body }) => isRefusing || body.what.startsWith('bad'))
      .map(({ message }) => ({ message, error: new Rejected('not_now', 'the bank is closed') }));
    const isFailed = new Set(failed.map(({ message }) => message));
    for (const { body, message } of batch) if (!isFailed.has(message)) handled.push(body.what);
    return Promise.resolve(failed);
  }
}

const queue = 'tests.do-work';
const dead = `${queue}.dead`;
const by = 'the test';

describe('a replay that goes on by itself', () => {
  let bench: Bench;
  let replays: Replays;

  beforeEach(async () => {
    isRefusing = true;
    handled.splice(0);
    bench = await Bench.open();
    const { app } = await bench.start([Worker]);
    replays = app.get(Replays);
  });
  afterEach(() => bench.close());

  const deadLetters = async (...names: string[]) => {
    for (const what of names) await bench.broker.publish(DoWork, { what });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(names.length));
    isRefusing = false;
  };

  it('says of each message what became of it: handled, by its mark, or failed again', async () => {
    await deadLetters('good', 'bad', 'well');
    const { id } = replays.begin({ queue }, { by });
    await eventually(async () => {
      const state = await replays.find(id);
      expect(state).toMatchObject({
        state: 'done',
        sent: 3,
        handled: 2,
        failedAgain: 1,
        waiting: 0,
      });
    });
    const { messages, operation, selected } = await replays.find(id);
    expect(messages.map(({ state }) => state).sort()).toEqual([
      'failed-again',
      'handled',
      'handled',
    ]);
    expect((await replays.list()).map(({ handled }) => handled)).toEqual([2]);
    expect({ operation, selected }).toEqual({ operation: expect.any(Number), selected: 3 });
    expect(handled.sort()).toEqual(['good', 'well']);
    expect(await bench.broker.depth(dead)).toBe(1);
  });

  it('is held up, goes on, and is stopped; what it has not sent stays a dead letter', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `work ${index}`);
    await deadLetters(...names);
    const { id } = replays.begin({ queue }, { by, rate: 10 });
    await eventually(async () => expect((await replays.find(id)).sent).toBeGreaterThan(0));
    replays.turn(id, 'pause');
    // The pause lets go of what the replay holds: all that was not sent is to be seen again.
    const { sent } = await eventually(async () => {
      const state = await replays.find(id);
      expect(await bench.broker.depth(dead)).toBe(30 - state.sent);
      return state;
    });
    expect((await replays.find(id)).state).toBe('paused');
    replays.turn(id, 'resume');
    await eventually(async () => expect((await replays.find(id)).sent).toBeGreaterThan(sent));
    replays.turn(id, 'stop');
    const end = await eventually(async () => {
      const state = await replays.find(id);
      expect(state).toMatchObject({ state: 'stopped', handled: state.sent, waiting: 0 });
      return state;
    });
    expect(end.sent).toBeLessThan(30);
    expect(await bench.broker.depth(dead)).toBe(30 - end.sent);
    expect(handled).toHaveLength(end.sent);
  });

  it('sends an edited body', async () => {
    await deadLetters('bad');
    const content = Buffer.from('{"what":"good now"}');
    const { id } = replays.begin({ queue }, { by, content });
    await eventually(async () => expect(await replays.find(id)).toMatchObject({ handled: 1 }));
    expect(handled).toEqual(['good now']);
  });

  it('is not known elsewhere, and one beyond the fourth waits', async () => {
    expect(() => replays.turn('unknown', 'stop')).toThrow(ReplayRefused);
    await deadLetters('one', 'two', 'three');
    for (let i = 0; i < 4; i += 1) {
      replays.turn(replays.begin({ queue }, { by, rate: 1 }).id, 'pause');
    }
    expect(() => replays.begin({ queue }, { by })).toThrow(/4 replays are under way/);
    for (const { id } of await replays.list()) replays.turn(id, 'stop');
    await eventually(async () => {
      const states = (await replays.list()).map(({ state }) => state);
      expect(states).toEqual(Array(4).fill('stopped'));
    });
  });
});
