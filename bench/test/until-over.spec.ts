import { untilOver } from '../scale/until-over';

const watch = {
  everyMs: 1,
  maxMs: 60_000,
  signal: new AbortController().signal,
  isOver: () => false,
  left: () => 'payments has 3 replicas',
};

it('looks until it is over', async () => {
  const turns: number[] = [];
  const isOver = () => turns.length === 3;
  await untilOver(async (turn) => Promise.resolve(void turns.push(turn)), { ...watch, isOver });
  expect(turns).toEqual([0, 1, 2]);
});

it('gives up after its time, and says what is left', async () => {
  let looks = 0;
  const look = async () => Promise.resolve(void (looks += 1));
  await expect(untilOver(look, { ...watch, maxMs: 1_200 })).rejects.toThrow(
    'not over after 1 s: payments has 3 replicas',
  );
  expect(looks).toBeGreaterThan(1);
});

it('ends at once with what stops it, and with what a look fails with', async () => {
  const stopping = new AbortController();
  const look = async () => Promise.resolve(stopping.abort(new Error('stopped: SIGINT')));
  const stopped = untilOver(look, { ...watch, everyMs: 60_000, signal: stopping.signal });
  await expect(stopped).rejects.toThrow('stopped: SIGINT');
  const failing = async () => Promise.reject(new Error('the broker is gone'));
  await expect(untilOver(failing, watch)).rejects.toThrow('the broker is gone');
});
