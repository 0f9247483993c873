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
    const some = gather(100);
    some.add('first');
    await called([['first']]);
    some.add('second');
    await turn();
    await turn();
    some.add('third');
    await called([['first'], ['second', 'third']]);
  });

  it('rests no longer once a whole batch is there', async () => {
    const some = gather(never);
    some.add('first');
    await called([['first']]);
    for (const item of ['a', 'b', 'c']) some.add(item);
    await called([['first'], ['a', 'b', 'c']]);
  });
});
