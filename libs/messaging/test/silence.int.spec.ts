import { Logger } from '@nestjs/common';
import { AmqpTap, eventually, TestBroker } from '@tradepost/test-kit';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { v7 } from 'uuid';
import { closeConnection, openConnection } from '../src/connection/connect';
import { Link } from '../src/connection/link';
import { PublishUnknown } from '../src/errors';
import { Publisher } from '../src/publish/publisher';
import { moveMessages } from '../src/topology/move-messages';

/** The first bytes of a broker's greeting: a frame that announces more. */
const greeting = Buffer.from([1, 0, 0, 0, 0, 1, 0]);

describe('a server that does not do its part', () => {
  let server: Server;
  const sockets = new Set<Socket>();
  const timers: NodeJS.Timeout[] = [];

  afterEach(async () => {
    for (const timer of timers.splice(0)) clearInterval(timer);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const open = async (act: (socket: Socket) => void) => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      act(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return openConnection(`amqp://127.0.0.1:${port}`, 'silence', {}, 1_000).then(
      () => 'open',
      (error: unknown) => error,
    );
  };

  const ways: Record<string, (socket: Socket) => void> = {
    'is silent': () => undefined,
    'closes at once': (socket) => socket.end(),
    'resets at once': (socket) => socket.resetAndDestroy(),
    'closes in the middle of its greeting': (socket) => socket.end(greeting),
    'says something else': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'never ends its greeting': (socket) => {
      socket.write(greeting);
      timers.push(setInterval(() => socket.write('\0'), 100));
    },
  };
  for (const [way, act] of Object.entries(ways)) {
    it(`ends the try of a connection: ${way}`, async () => {
      expect(String(await open(act))).toMatch(/Error|NoAnswer/);
    }, 5_000);
  }
});

describe('a broker that beats on, and hears nothing', () => {
  const log = new Logger('Messaging');
  const queue = 'silence';
  let broker: TestBroker;
  let tap: AmqpTap;

  beforeEach(async () => {
    broker = await TestBroker.create();
    await broker.declareQueue(queue, { 'x-queue-type': 'quorum' });
    tap = await AmqpTap.open(broker.amqpUrl);
  });
  afterEach(async () => {
    await tap.close();
    await broker.close();
  });

  it('on one channel costs a publisher that channel, and then it publishes', async () => {
    const link = new Link({ url: tap.url, name: 'silence', log });
    const publisher = new Publisher({ link, log, pendingMax: 10 });
    const publish = (text = '{}') =>
      publisher.publish(
        { exchange: '', routingKey: queue },
        Buffer.from(text),
        { messageId: v7() },
        1_000,
      );
    link.start();
    try {
      await eventually(() => publish());
      tap.cutting = 'cut-here';
      const cut = await publish('cut-here').catch((error: unknown) => error);
      expect(cut).toBeInstanceOf(PublishUnknown);
      await eventually(() => publish(), { withinMs: 20_000 });
    } finally {
      await publisher.stop(0);
      await link.stop();
    }
  });

  it('and opens no other channel costs a publisher its connection', async () => {
    const link = new Link({ url: tap.url, name: 'silence', log });
    const publisher = new Publisher({ link, log, pendingMax: 10 });
    const publish = () =>
      publisher
        .publish({ exchange: '', routingKey: queue }, Buffer.from('{}'), { messageId: v7() }, 1_000)
        .then(() => 'published')
        .catch((error: unknown) => error);
    link.start();
    try {
      await eventually(async () => expect(await publish()).toBe('published'));
      tap.deafen();
      expect(await publish()).toBeInstanceOf(PublishUnknown);
      // The next connection hears well.
      const again = async () => expect(await publish()).toBe('published');
      await eventually(again, { withinMs: 40_000 });
    } finally {
      await publisher.stop(0);
      await link.stop();
    }
  }, 60_000);

  it('on the next channel too costs a publisher its connection, once', async () => {
    const link = new Link({ url: tap.url, name: 'silence', log });
    const publisher = new Publisher({ link, log, pendingMax: 10 });
    const publish = (text: string) =>
      publisher
        .publish({ exchange: '', routingKey: queue }, Buffer.from(text), { messageId: v7() }, 1_000)
        .then(() => 'published')
        .catch((error: unknown) => error);
    let connections = 0;
    link.onUp(() => (connections += 1));
    link.start();
    try {
      await eventually(async () => expect(await publish('{}')).toBe('published'));
      tap.cutting = 'cut-here';
      const cut = async () => {
        const both = await Promise.all([publish('cut-here'), publish('cut-here')]);
        for (const one of both) expect(one).toBeInstanceOf(PublishUnknown);
      };
      const second = async () => {
        await cut();
        expect(connections).toBe(2);
      };
      await eventually(second, { withinMs: 40_000 });
      const isWell = async () => expect(await publish('{}')).toBe('published');
      await eventually(isWell);
      const { current } = publisher.channel;
      const renewed = async () => {
        await cut();
        expect(publisher.channel.current).not.toBe(current);
      };
      await eventually(renewed, { withinMs: 40_000 });
      await eventually(isWell, { withinMs: 20_000 });
      expect(connections).toBe(2);
    } finally {
      await publisher.stop(0);
      await link.stop();
    }
  }, 120_000);

  it('ends a move of messages, of which none is lost', async () => {
    await broker.declareQueue('moved', { 'x-queue-type': 'quorum' });
    await broker.bindQueue('moved', 'amq.fanout', '');
    for (let i = 0; i < 5; i += 1) await broker.sendToQueue(queue, { i });
    await broker.sendToQueue(queue, { i: 'cut-here' });
    const model = await openConnection(tap.url, 'silence');
    tap.cutting = 'cut-here';
    const { signal } = new AbortController();
    const move = moveMessages(model, { from: queue, through: 'amq.fanout', signal });
    await expect(move).rejects.toThrow(/no answer from the broker|has confirmed nothing/);
    await closeConnection(model);
    await eventually(async () => {
      const there = (await broker.depth(queue)) + (await broker.depth('moved'));
      expect(there).toBeGreaterThanOrEqual(6);
    });
  });
});
