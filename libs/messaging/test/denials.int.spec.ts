import { fanout, rpc, topic, work, type Contract } from '@tradepost/messaging/contract';
import { eventually, refusalOf, TestBroker, type RawChannel } from '@tradepost/test-kit';
import { connect, type ConsumeMessage, type Options } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { closeConnection, openConnection } from '../src/connection/connect';
import type { Wiring } from '../src/handlers/handler';
import { desiredTopology } from '../src/topology/desired-topology';
import { permissionsOf } from '../src/topology/permissions';
import { declare, onChannel } from '../src/topology/topology';
import { Ways } from '../src/topology/ways';

class Answer {}
class Pack {
  static readonly route = work('stock.pack');
}
class Price {
  static readonly route = rpc('stock.price', Answer);
}
class Sold {
  static readonly route = fanout('sold');
}
class Packed {
  static readonly route = fanout('packed');
}
class Told {
  static readonly route = topic('told', { keys: ['shop.note'] });
}
class Count {
  static readonly route = work('shop.count');
}
class Rate {
  static readonly route = rpc('shop.rate', Answer);
}

const retry = ['1s'] as const;
const taking = ({ route }: Contract, queue: string): Wiring => {
  const own = { name: queue, queue, retry };
  const { kind } = route;
  if (kind === 'work' || kind === 'rpc') return { ...own, kind, bindings: [] };
  const key = kind === 'topic' ? '#' : '';
  return { ...own, kind, bindings: [{ exchange: route.exchange, type: kind, key }] };
};

/** `shop` sells and asks what things cost; `stock` packs and says so; `books` hears all of it. */
const services = {
  shop: {
    wirings: [
      taking(Count, 'shop.count'),
      taking(Packed, 'shop.packed'),
      taking(Rate, 'shop.rate'),
    ],
    sends: [Pack, Price, Sold, Told, Count],
  },
  stock: {
    wirings: [taking(Pack, 'stock.pack'), taking(Price, 'stock.price')],
    sends: [Packed, Rate],
  },
  books: {
    wirings: [
      taking(Sold, 'books.sold'),
      taking(Told, 'books.told'),
      taking(Packed, 'books.packed'),
    ],
    sends: [],
  },
};
type Service = keyof typeof services;
const names = Object.keys(services) as Service[];
const wirings = Object.fromEntries(names.map((name) => [name, services[name].wirings]));
const contracts = [Pack, Price, Sold, Packed, Told, Count, Rate];
const topology = desiredTopology(wirings, contracts, 'strict');

const refused = 403;
const some = Buffer.from('{}');

describe('a user with the permissions of its service, in strict mode', () => {
  let broker: TestBroker;
  const urls: Partial<Record<Service, string>> = {};

  beforeAll(async () => {
    broker = await TestBroker.create();
    const model = await openConnection(broker.amqpUrl, 'declares beforehand');
    await onChannel(model, (channel) => declare(channel, topology));
    await closeConnection(model);
    for (const name of names) {
      const { wirings: own, sends } = services[name];
      urls[name] = await broker.userWith(permissionsOf(own, sends, new Ways('strict', name)));
    }
  });
  afterAll(async () => broker.close());

  const as = (service: Service, work: (channel: RawChannel) => Promise<unknown>) =>
    refusalOf(urls[service] ?? '', work);
  /** Its refusal comes before the answer to the next question. */
  const publish =
    (exchange: string, key: string, options?: Options.Publish) => async (channel: RawChannel) => {
      channel.publish(exchange, key, some, { persistent: true, ...options });
      await channel.prefetch(1);
    };
  const depths = async () => {
    const all = topology.queues.map(({ name }) => name).filter((name) => !name.includes('audit'));
    return Object.fromEntries(
      await Promise.all(all.map(async (name) => [name, await broker.depth(name)] as const)),
    ) as Record<string, number>;
  };
  /** Queues that hold more than before, when all that was sent has arrived. */
  const reached = async (before: Record<string, number>) => {
    const now = await depths();
    return Object.keys(now).filter((name) => (now[name] ?? 0) > (before[name] ?? 0));
  };

  const exchanges = ['', 'amq.direct', 'amq.topic', ...topology.exchanges.map(({ name }) => name)];
  const queues = topology.queues.map(({ name }) => name);
  const own: Record<Service, { writes: string[]; reads: string[] }> = {
    shop: {
      writes: [
        'stock.pack.in',
        'stock.price.in',
        'sold',
        'told',
        'shop.retry.1s.in',
        'replies',
      ].concat(
        ['shop.count', 'shop.packed'].flatMap((queue) => [`${queue}.in`, `${queue}.dead.in`]),
        ['dead-letters.audit.in'],
      ),
      reads: [
        'shop.count',
        'shop.count.dead',
        'shop.packed',
        'shop.packed.dead',
        'shop.rate',
      ].concat(['dead-letters.audit']),
    },
    stock: {
      writes: ['shop.rate.in', 'packed', 'stock.pack.in', 'stock.pack.dead.in', 'replies'].concat([
        'stock.retry.1s.in',
        'dead-letters.audit.in',
      ]),
      reads: ['stock.pack', 'stock.pack.dead', 'stock.price', 'dead-letters.audit'],
    },
    books: {
      writes: ['books.retry.1s.in', 'dead-letters.audit.in'].concat(
        ['books.sold', 'books.told', 'books.packed'].flatMap((queue) => [
          `${queue}.in`,
          `${queue}.dead.in`,
        ]),
      ),
      reads: ['books.sold', 'books.told', 'books.packed']
        .flatMap((queue) => [queue, `${queue}.dead`])
        .concat(['dead-letters.audit']),
    },
  };

  describe.each(names)('%s', (service) => {
    const { writes, reads } = own[service];

    it.each(exchanges.filter((name) => !writes.includes(name)))(
      'may not publish to exchange "%s"',
      async (exchange) => {
        expect(await as(service, publish(exchange, 'stock.pack'))).toBe(refused);
      },
    );

    it('may publish to its own', async () => {
      const key = (exchange: string) => (exchange === 'told' ? 'shop.note' : '');
      for (const exchange of writes) {
        expect([exchange, await as(service, publish(exchange, key(exchange)))]).toEqual([
          exchange,
          undefined,
        ]);
      }
    });

    it.each(queues.filter((name) => !reads.includes(name)))(
      'may neither take from queue "%s" nor empty it',
      async (queue) => {
        expect(await as(service, (channel) => channel.consume(queue, () => undefined))).toBe(
          refused,
        );
        expect(await as(service, (channel) => channel.get(queue))).toBe(refused);
        expect(await as(service, (channel) => channel.purgeQueue(queue))).toBe(refused);
      },
    );

    it('may take from its own', async () => {
      for (const queue of reads.filter((name) => !name.includes('audit'))) {
        expect([queue, await as(service, (channel) => channel.get(queue))]).toEqual([
          queue,
          undefined,
        ]);
      }
    });

    it.each(queues)('may not bind, unbind, declare or delete queue "%s"', async (queue) => {
      for (const exchange of ['told', 'sold', 'replies', 'amq.topic']) {
        expect(await as(service, (channel) => channel.bindQueue(queue, exchange, '#'))).toBe(
          refused,
        );
      }
      const { exchange = '', key = '' } =
        topology.bindings.find((one) => one.queue === queue) ?? {};
      expect(await as(service, (channel) => channel.unbindQueue(queue, exchange, key))).toBe(
        refused,
      );
      expect(await as(service, (channel) => channel.assertQueue(queue))).toBe(refused);
      expect(await as(service, (channel) => channel.deleteQueue(queue))).toBe(refused);
    });

    it.each(topology.exchanges.map(({ name }) => name))(
      'may not declare or delete exchange "%s", nor have it hear another',
      async (exchange) => {
        expect(await as(service, (channel) => channel.assertExchange(exchange, 'fanout'))).toBe(
          refused,
        );
        expect(await as(service, (channel) => channel.deleteExchange(exchange))).toBe(refused);
        for (const from of ['told', 'sold', 'stock.pack.in', 'shop.count.in', 'amq.topic']) {
          expect(await as(service, (channel) => channel.bindExchange(exchange, from, '#'))).toBe(
            refused,
          );
        }
      },
    );

    it('may declare nothing new', async () => {
      for (const name of ['new', `${service}.new`, `${service}.reply`, `${service}.reply.x`, '']) {
        expect(await as(service, (channel) => channel.assertQueue(name))).toBe(refused);
        if (name !== '') {
          expect(await as(service, (channel) => channel.assertExchange(name, 'fanout'))).toBe(
            refused,
          );
        }
      }
    });

    it.each(['CC', 'BCC'] as const)(
      'reaches by %s no queue but those that its exchanges lead to',
      async (header) => {
        const before = await depths();
        const headers = {
          [header]: ['stock.pack', 'shop.count', 'books.sold', 'books.sold.dead', '#'],
        };
        const sent = writes.filter((name) => !name.includes('audit'));
        for (const exchange of sent) {
          const key = exchange === 'told' ? 'shop.note' : '';
          // A broker of today refuses a topic's message for one of these keys.
          const answers = exchange === 'told' ? [undefined, refused] : [undefined];
          expect(answers).toContain(await as(service, publish(exchange, key, { headers })));
        }
        const allowed = topology.bindings
          .filter((one) => sent.includes(one.exchange))
          .map((one) => one.queue);
        const own = reads.concat(
          queues.filter((name) => name.startsWith(`${service}.`)),
          'retry.unroutable',
        );
        // What was in a tier has returned.
        await eventually(async () => expect(await broker.depth(`${service}.retry.1s`)).toBe(0), {
          withinMs: 20_000,
        });
        const found = await reached(before);
        expect(found).toEqual(
          expect.arrayContaining(allowed.filter((name) => !/retry|told/.test(name))),
        );
        expect(found.filter((name) => !allowed.includes(name) && !own.includes(name))).toEqual([]);
      },
    );

    it('reaches by its retry tier its own queues alone', async () => {
      const before = await depths();
      const exchange = `${service}.retry.1s.in`;
      for (const key of queues) expect(await as(service, publish(exchange, key))).toBe(undefined);
      await eventually(async () => expect(await broker.depth(`${service}.retry.1s`)).toBe(0), {
        withinMs: 20_000,
      });
      const found = await reached(before);
      const back = services[service].wirings
        .filter(({ kind }) => kind !== 'rpc')
        .map(({ queue }) => queue);
      expect(found.sort()).toEqual([...back, 'retry.unroutable'].sort());
    });

    it('takes what is asked by direct reply-to to no queue', async () => {
      const before = await depths();
      // The broker gives it to whom answers; nothing is answered by a queue's name without amq.default.
      const code = await as(service, publish('', 'amq.rabbitmq.reply-to.anything'));
      expect(code).toBe(refused);
      expect(await reached(before)).toEqual([]);
    });
  });

  it('tells a topic by its own keys alone', async () => {
    expect(await as('shop', publish('told', 'shop.note'))).toBe(undefined);
    for (const key of ['stock.note', 'shop.notes', 'my.shop.note', '#', '']) {
      expect(await as('shop', publish('told', key))).toBe(refused);
    }
  });

  describe('that asks', () => {
    const name = () => `shop.reply.${randomUUID()}`;
    const options = { exclusive: true, durable: false, autoDelete: true };

    it('has a queue for its answers', async () => {
      const queue = name();
      const answered = async (channel: RawChannel) => {
        await channel.assertQueue(queue, options);
        await channel.bindQueue(queue, 'replies', queue);
        const answer = new Promise<ConsumeMessage | null>((resolve) => {
          void channel.consume(queue, resolve, { noAck: true });
        });
        await channel.checkQueue(queue);
        expect(await as('stock', publish('replies', queue))).toBe(undefined);
        expect((await answer)?.content).toEqual(some);
      };
      expect(await as('shop', answered)).toBe(undefined);
    });

    it('has no queue under the name of another', async () => {
      for (const other of [`stock.reply.${randomUUID()}`, `shop.replies.${randomUUID()}`]) {
        expect(await as('shop', (channel) => channel.assertQueue(other, options))).toBe(refused);
      }
    });

    it('gets what no other exchange carries', async () => {
      const bound = (exchange: string) => async (channel: RawChannel) => {
        const queue = name();
        await channel.assertQueue(queue, options);
        await channel.bindQueue(queue, exchange, '#');
      };
      const heard = topology.exchanges.map((one) => one.name).filter((one) => one !== 'replies');
      for (const exchange of [...heard, 'amq.topic', 'amq.rabbitmq.trace']) {
        expect([exchange, await as('shop', bound(exchange))]).toEqual([exchange, refused]);
      }
    });

    it('gives its answerer no other queue to write to', async () => {
      const before = await depths();
      for (const queue of queues)
        expect(await as('stock', publish('replies', queue))).toBe(undefined);
      expect(await reached(before)).toEqual([]);
    });
  });

  it('direct reply-to asks without any permission; to answer it takes write on amq.default', async () => {
    const none = '^$';
    const nobody = { configure: none, write: none, read: none };
    const asker = await connect(
      await broker.userWith({ ...nobody, write: '^stock\\.price\\.in$' }),
    );
    const service = await connect(broker.amqpUrl);
    const direct = 'amq.rabbitmq.reply-to';
    try {
      const [channel, asked] = [await asker.createChannel(), await service.createChannel()];
      await asked.purgeQueue('stock.price');
      const answers: string[] = [];
      await channel.consume(direct, (raw) => answers.push(String(raw?.content)), { noAck: true });
      const ask = async () => {
        channel.publish('stock.price.in', '', some, { replyTo: direct });
        return eventually(async () => {
          const raw = await asked.get('stock.price', { noAck: true });
          if (raw === false) throw new Error('nobody asks');
          return String(raw.properties.replyTo);
        });
      };
      const answer = async (write: string) => {
        const answerer = await connect(await broker.userWith({ ...nobody, write }));
        const own = await answerer.createChannel();
        let code: number | undefined;
        own.on('error', (error: { code?: number }) => (code = error.code));
        own.publish('', await ask(), Buffer.from(write));
        await own.prefetch(1).catch(() => undefined);
        await answerer.close();
        return code;
      };
      expect(await answer('^replies$')).toBe(refused);
      expect(await answer('^amq\\.default$')).toBe(undefined);
      await eventually(() => expect(answers).toEqual(['^amq\\.default$']));
    } finally {
      await Promise.all([asker.close(), service.close()]);
    }
  });
});
