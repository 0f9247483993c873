import { environment, refusalOf, TestBroker, type RawChannel } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { fetch } from 'undici';
import { services, window } from '../../apps/services';
import { BrokerUsers } from '../../dev/start/broker-users';

/** What each tells and asks others by, as docs/ARCHITECTURE.md draws it. */
const tells: Record<string, string[]> = {
  orders: ['sale-finalized', 'order-cancelled', 'users.get-user.in', 'payments.get-payment.in'],
  users: ['replies'],
  financial: ['sale-booked'],
  payments: ['payment-captured', 'payment-declined', 'payment-refunded', 'replies'],
  'log-sink': [],
  console: [],
};
const parties = [...services, window, 'operator'] as const;
type Party = (typeof parties)[number];

const isLogs = (name: string) => /^((warning|critical)\.)?logs(\.dead)?(\.in)?$/.test(name);
const isOwn = (party: Party, name: string) =>
  name.startsWith(`${party}.`) || (party === 'log-sink' && isLogs(name));
const isDead = (name: string) => /\.dead$/.test(name);

const mayWrite = (party: Party, exchange: string) => {
  if (exchange === 'logs') return party !== 'operator';
  if (exchange === 'dead-letters.audit.in') return party !== 'users' && party !== window;
  if (tells[party]?.includes(exchange)) return true;
  // What failed goes back, wherever it was.
  if (party === 'operator') return exchange.endsWith('.in') && !/\.(retry|get-)/.test(exchange);
  return /\.(in|keys)$/.test(exchange) && isOwn(party, exchange) && !/\.get-/.test(exchange);
};
const mayRead = (party: Party, queue: string) => {
  if (queue === 'dead-letters.audit') return party !== 'users' && party !== window;
  if (/(^|\.)retry\./.test(queue)) return false;
  if (party === window) return true;
  return party === 'operator' ? isDead(queue) : isOwn(party, queue);
};

const atOnce = 8;
const refused = 403;

describe('a user of the shop', () => {
  const users = new BrokerUsers(false, () => undefined);
  let broker: TestBroker;
  let exchanges: string[];
  let queues: string[];

  const list = async (kind: 'exchanges' | 'queues'): Promise<string[]> => {
    const { origin, username, password } = new URL(environment().managementUrl);
    const vhost = encodeURIComponent(new URL(broker.amqpUrl).pathname.slice(1));
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const response = await fetch(`${origin}/api/${kind}/${vhost}`, { headers: { authorization } });
    return ((await response.json()) as { name: string }[]).map(({ name }) => name);
  };

  beforeAll(async () => {
    broker = await TestBroker.create();
    const { managementUrl } = environment();
    await users.make({ url: broker.amqpUrl, managementUrl, version: 'of some kind' });
    [exchanges, queues] = [await list('exchanges'), await list('queues')];
  });
  afterAll(async () => {
    await users.remove();
    await broker?.close();
  });

  const as = (party: Party, work: (channel: RawChannel) => Promise<unknown>) =>
    refusalOf(users.urlsOf(party).amqpUrl, work);

  /** @returns the names for which `work` was not refused */
  async function allowed(
    party: Party,
    names: readonly string[],
    work: (channel: RawChannel, name: string) => Promise<unknown>,
  ): Promise<string[]> {
    const left = [...names];
    const found: string[] = [];
    const each = Array.from({ length: atOnce }, async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        const one = name;
        if ((await as(party, async (channel) => work(channel, one))) !== refused) found.push(one);
      }
    });
    await Promise.all(each);
    return found.sort();
  }

  /** A refusal comes before the answer to the next question. */
  const publish = async (channel: RawChannel, exchange: string) => {
    channel.publish(exchange, exchange === 'logs' ? 'log.info' : '', Buffer.from('{}'));
    await channel.prefetch(1);
  };

  it('finds all that the shop declares', () => {
    expect(exchanges).toEqual(expect.arrayContaining(['', 'logs', 'payment-captured', 'replies']));
    expect(queues.length).toBeGreaterThan(40);
  });

  describe.each(parties)('%s', (party) => {
    it('writes to what it tells and asks by, to its own queues, and to nothing else', async () => {
      const expected = exchanges.filter((name) => mayWrite(party, name)).sort();
      expect(await allowed(party, exchanges, publish)).toEqual(expected);
    });

    it('reads its own queues, and no other', async () => {
      const expected = queues.filter((name) => mayRead(party, name)).sort();
      const get = async (channel: RawChannel, queue: string) =>
        queue === 'dead-letters.audit'
          ? channel.consume(queue, () => undefined)
          : channel.get(queue);
      expect(await allowed(party, queues, get)).toEqual(expected);
    });

    it('binds, declares and deletes nothing that is there', async () => {
      const bind = async (channel: RawChannel, queue: string) =>
        channel.bindQueue(queue, 'logs', '#');
      expect(await allowed(party, queues, bind)).toEqual([]);
      const remove = async (channel: RawChannel, queue: string) => channel.deleteQueue(queue);
      expect(await allowed(party, queues, remove)).toEqual([]);
      const named = exchanges.filter((name) => name !== '' && !name.startsWith('amq.'));
      const removeExchange = async (channel: RawChannel, name: string) =>
        channel.deleteExchange(name);
      expect(await allowed(party, named, removeExchange)).toEqual([]);
    });

    it('declares nothing new, and hears nothing in a queue of its own making', async () => {
      const names = ['new', `${party}.new`, `${party}.reply`, `${party}.reply.x`, ''];
      const declare = async (channel: RawChannel, name: string) => channel.assertQueue(name);
      expect(await allowed(party, names, declare)).toEqual([]);
      const exchange = async (channel: RawChannel, name: string) =>
        channel.assertExchange(name, 'fanout');
      expect(await allowed(party, names.filter(Boolean), exchange)).toEqual([]);
      const hear = async (channel: RawChannel, name: string) => {
        const queue = `${party}.reply.${randomUUID()}`;
        await channel.assertQueue(queue, { exclusive: true });
        await channel.bindQueue(queue, name, '#');
      };
      const bound = exchanges.filter((name) => name !== '');
      expect(await allowed(party, bound, hear)).toEqual(party === 'orders' ? ['replies'] : []);
    });

    it('tells topics by keys of its own contract alone', async () => {
      const keys = ['#', '', 'log', 'log.info.more', 'my.log.info', 'info', 'log.'];
      const tell = async (channel: RawChannel, key: string) => {
        channel.publish('logs', key, Buffer.from('{}'));
        await channel.prefetch(1);
      };
      expect(await allowed(party, keys, tell)).toEqual([]);
    });
  });
});
