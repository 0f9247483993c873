import { eventually } from '@tradepost/test-kit';
import { OrderStream } from '../src/event-stream/order-stream';

const at = '2026-11-23T09:12:00.000Z';
const cause = 'x'.repeat(500);
const steps = (count: number, from = 1) =>
  Array.from(
    { length: count },
    (_, index) => ({ id: from + index, state: 'paid', at, cause }) as const,
  );

describe('a stream of events', () => {
  it('wants no more while its reader does not read, and more when it does', async () => {
    const stream = new OrderStream('1', 0);
    expect(stream.ready).toBe(true);
    stream.notify(steps(100));
    expect(stream.ready).toBe(false);
    stream.resume();
    await eventually(() => expect(stream.ready).toBe(true));
    stream.destroy();
    expect(stream.ready).toBe(false);
    stream.notify(steps(1, 101));
    stream.finish();
    expect(stream.destroyed).toBe(true);
  });

  it('is cut off when its reader has not read from one beat to the next', () => {
    const stream = new OrderStream('1', 0);
    stream.heartbeat();
    stream.heartbeat();
    expect(stream.destroyed).toBe(false);
    stream.notify(steps(100));
    stream.heartbeat();
    expect(stream.destroyed).toBe(false);
    stream.heartbeat();
    expect(stream.destroyed).toBe(true);
  });

  it('begins at once, and has a comment at each beat until it is over', async () => {
    const stream = new OrderStream('1', 0);
    stream.heartbeat();
    stream.finish();
    expect(stream.ready).toBe(false);
    stream.heartbeat();
    stream.finish();
    expect((await stream.toArray()).join('')).toBe('retry: 1000\n\n:\n\n');
  });

  it('that ends is cut off when its reader has not read since the last beat', () => {
    const [stalled, slow] = [new OrderStream('1', 0), new OrderStream('1', 0)];
    for (const stream of [stalled, slow]) stream.notify(steps(100));
    stalled.heartbeat();
    for (const stream of [stalled, slow]) stream.finish();
    expect([stalled.destroyed, slow.destroyed]).toEqual([true, false]);
  });

  it('sends each step once, and none before its position', async () => {
    const stream = new OrderStream('1', 2);
    stream.notify(steps(3));
    stream.notify(steps(2, 3));
    stream.notify([{ id: 5, state: 'rejected', at, cause }]);
    stream.notify(steps(1, 6));
    const text = (await stream.toArray()).join('');
    expect(text.match(/^id: .*$/gm)).toEqual(['id: 3', 'id: 4', 'id: 5']);
  });
});
