import { fanout, work } from '@tradepost/messaging/contract';

describe('a route', () => {
  it('has a key when it is given one', () => {
    expect(work('a.b', { key: 'id' })).toEqual({
      kind: 'work',
      queue: 'a.b',
      bundled: false,
      key: 'id',
    });
    expect(fanout('x')).toEqual({ kind: 'fanout', exchange: 'x', bundled: false });
  });

  it.each([work, fanout])('is not bundled and has a key', (route) => {
    expect(() => route('a.b', { key: 'id', bundled: true })).toThrow(
      expect.objectContaining({
        name: 'WiringError',
        message: expect.stringContaining('a.b cannot be bundled and have a key') as string,
      }),
    );
  });
});
