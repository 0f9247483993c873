import { work, fanout } from '@tradepost/messaging/contract';
import type { Wiring } from '../src/handlers/handler';
import { permissionsOf } from '../src/topology/permissions';
import { rightsOf } from '../src/topology/users';

class Shipped {
  static readonly route = fanout('shipped');
}

class Pack {
  static readonly route = work('stock.pack');
}

const wiring: Wiring = {
  name: 'OnPack.handle',
  kind: 'work',
  queue: 'stock.pack',
  bindings: [{ exchange: 'sold', type: 'fanout', key: '' }],
  contract: Pack,
  retry: ['1s'],
};

const names = ['stock.pack', 'stock.pack.dead', 'sold', 'shipped', 'retry.1s', 'amq.default'];
const others = ['stock.packs', 'stockXpack', 'my.stock.pack', 'retry.5s', 'users.get-user', 'logs'];
const allowed = (pattern: string) =>
  [...names, ...others].filter((name) => RegExp(pattern).test(name));

describe('the least permissions of a service', () => {
  const { configure, write, read } = permissionsOf([wiring], [Shipped, Pack]);

  it('write to what it sends to and binds, and by the default exchange', () => {
    expect(allowed(write)).toEqual(['stock.pack', 'shipped', 'retry.1s', 'amq.default']);
  });

  it('read its own queues, their dead letters, and the exchanges it hears', () => {
    expect(allowed(read)).toEqual(['stock.pack', 'stock.pack.dead', 'sold', 'retry.1s']);
  });

  it('declare nothing but the lock of its dead letters', () => {
    expect(allowed(configure)).toEqual([]);
    expect('dead-letters.lock').toMatch(RegExp(configure));
  });

  it('that only tells come to no queue by the default exchange', () => {
    const telling = permissionsOf([], [Shipped]);
    expect(telling).toEqual({ configure: '^$', write: '^(shipped)$', read: '^$', topics: [] });
  });

  it('that hears nothing but questions has no dead letters', () => {
    const asked = permissionsOf([{ ...wiring, kind: 'rpc', bindings: [] }]);
    expect(asked).toEqual({
      configure: '^$',
      write: '^(amq\\.default)$',
      read: '^(stock\\.pack)$',
      topics: [],
    });
  });

  it('of who watches: the first messages of all queues, and to change nothing', () => {
    const wirings = { stock: [wiring] };
    const sends = { console: [Shipped] };
    const { console } = rightsOf({ wirings, sends, monitors: ['console'], mode: 'simple' });
    expect(console).toEqual({
      configure: '^$',
      write: '^(shipped)$',
      read: '^(stock\\.pack(\\.dead)?)$',
      topics: [],
      tags: 'monitoring',
    });
  });
});
