import { eventually } from '@tradepost/test-kit';
import { Gather } from '../src/consume/gather';

const never = 1_000_000;
const turn = async () => new Promise((resolve) => setImmediate(resolve));

describe('what gathers for a call', () => {
  const calls: string[][] = [];
  const gather = (restMs: number) =>
    new Gather<string>(
      async (items) => {
        calls.push(items);
        return Promise.resolve();
      },
      { size: 3, restMs },
    );
  const called = async (expected: string[][]) => eventually(() => expect(calls).toEqual(expected));

  beforeEach(() => calls.splice(0));

  it('goes at once when nothing ran before, however long the rest is', async () => {
    gather(never).add('alone');
    await called([['alone']]);
  });

  it('rests after a call, so that what comes a turn later is in the same one', async () => {
    let end = (): void => undefined;
    const run = async (items: string[]) => {
      calls.push(items);
      await new Promise<void>((resolve) => (end = resolve));
    };
    const some = new Gather<string>(run, { size: 3, restMs: 200 });
    some.add('first');
    await called([['first']]);
    end();
    await turn();
    some.add('second');
    await turn();
    await turn();
    some.add('third');
    const soon = { withinMs: 3_000 };
    await eventually(() => expect(calls).toEqual([['first'], ['second', 'third']]), soon);
    end();
  });

  it('rests no longer once a whole batch is there', async () => {
    const some = gather(never);
    some.add('first');
    await called([['first']]);
    for (const item of ['a', 'b', 'c']) some.add(item);
    await called([['first'], ['a', 'b', 'c']]);
  });

  it('waits for one of the lanes, in its order, and is no more than a call takes', async () => {
    const ends: (() => void)[] = [];
    const run = async (items: string[]) => {
      calls.push(items);
      await new Promise<void>((end) => ends.push(end));
    };
    const some = new Gather<string>(run, { size: 2, lanes: 2, restMs: 0 });
    for (const item of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) some.add(item);
    await called([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    some.add('h');
    for (let turns = 0; turns < 3; turns += 1) await turn();
    expect(calls.splice(0)).toHaveLength(2);
    ends.shift()?.();
    await called([['e', 'f']]);
    for (const end of ends.splice(0)) end();
    await called([
      ['e', 'f'],
      ['g', 'h'],
    ]);
    ends.shift()?.();
    for (let turns = 0; turns < 3; turns += 1) await turn();
    expect(calls).toHaveLength(2);
  });
});
