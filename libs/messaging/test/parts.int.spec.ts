import { Logger } from '@nestjs/common';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually, TestBroker } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { Consumer, type Delivery } from '../src/consume/consumer';
import { PublishBufferFull, PublishUnknown, Unroutable } from '../src/errors';
import type { Handler } from '../src/handlers/handler';
import { Link } from '../src/connection/link';
import { Publisher } from '../src/publish/publisher';

/** A method of the AMQP class `connection`, as it goes over the wire. */
function frame(method: number, args: number[]): Buffer {
  const payload = [0, 10, 0, method, ...args];
  return Buffer.from([1, 0, 0, 0, 0, 0, payload.length, ...payload, 0xce]);
}

const text = (value: string) => [0, 0, 0, value.length, ...Buffer.from(value)];
const start = frame(10, [0, 9, 0, 0, 0, 0, ...text('PLAIN'), ...text('en_US')]);
const tune = frame(30, [0, 100, 0, 2, 0, 0, 0, 10]);
const openOk = frame(41, [0]);
/** 320: a connection is closed because the broker wants it. */
const close = frame(50, [1, 64, 0, 0, 0, 0, 0]);

/** A way to the broker on which its answers can be held back. */
class Way {
  private readonly near: Socket[] = [];
  private readonly far: Socket[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(brokerUrl: string): Promise<Way> {
    const url = new URL(brokerUrl);
    const { hostname, port } = url;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const way = new Way(server, url.href);
    server.on('connection', (near) => way.join(near, connect(Number(port), hostname)));
    return way;
  }

  holdAnswers(): void {
    for (const socket of this.far) socket.pause();
  }

  releaseAnswers(): void {
    for (const socket of this.far) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of [...this.near, ...this.far]) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket, far: Socket): void {
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    this.near.push(near);
    this.far.push(far);
  }
}

describe('publisher and consumer by themselves', () => {
  const log = new Logger('Messaging');
  const handler: Handler = {
    name: 'Test.handle',
    kind: 'work',
    queue: 'parts.work',
    bindings: [],
    retry: [],
    invoke: async () => Promise.resolve(),
  };
  let broker: TestBroker;
  let link: Link;

  beforeEach(async () => {
    broker = await TestBroker.create();
    link = new Link({ url: broker.amqpUrl, name: 'parts', log });
  });
  afterEach(async () => {
    await link.stop();
    await broker.close();
  });

  const target = { exchange: '', routingKey: 'parts.work' };
  const content = Buffer.from('{}');
  const ready = (consumer: Consumer) =>
    eventually(() => expect(consumer.channel.closedBecause).toBeUndefined());

  it('a message whose link is lost before its confirm is sent again by itself', async () => {
    const publisher = new Publisher({ link, log, pendingMax: 10_000 });
    const ids = new Set<string>();
    const process = async ({ raw, ack }: Delivery) => {
      ids.add(String(raw.properties.messageId));
      ack();
      return Promise.resolve();
    };
    const consumer = new Consumer({ link, log, handler, prefetch: 100, process });
    link.start();
    await ready(consumer);
    const sent: string[] = [];
    const publishSome = async () => {
      const some = Array.from({ length: 100 }, () => v7());
      sent.push(...some);
      await Promise.all(
        some.map((messageId) => publisher.publish(target, content, { messageId }, 30_000)),
      );
    };
    // The broker lists a connection for its management only some time after it was made.
    let closed = false;
    const closing = broker.closeConnections().finally(() => (closed = true));
    while (!closed) await publishSome();
    await publishSome();
    expect(await closing).toBeGreaterThan(0);
    await eventually(() => expect(sent.filter((id) => !ids.has(id))).toEqual([]));
    await publisher.stop(1_000);
  });

  it('a link that the broker closes in the packet that opens it is made again', async () => {
    let connections = 0;
    const stopping = createServer((socket) => {
      connections += 1;
      const answers = [start, tune, Buffer.concat([openOk, close])];
      socket.on('data', () => socket.write(answers.shift() ?? ''));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => stopping.listen(0, '127.0.0.1', resolve));
    const { port } = stopping.address() as AddressInfo;
    const refused = new Link({ url: `amqp://127.0.0.1:${port}`, name: 'refused', log });
    refused.start();
    try {
      await eventually(() => expect(connections).toBeGreaterThan(2));
    } finally {
      await refused.stop();
      stopping.close();
    }
  });

  it('while the broker is away a message waits for it, and its caller learns the end', async () => {
    const publisher = new Publisher({ link, log, pendingMax: 2 });
    const first = publisher.publish(target, content, { messageId: v7() }, 20_000);
    const second = publisher.publish(target, content, { messageId: v7() }, 300);
    const third = publisher.publish(target, content, { messageId: v7() });
    await expect(third).rejects.toBeInstanceOf(PublishBufferFull);
    await expect(second).rejects.toBeInstanceOf(PublishUnknown);
    // Its queue does not exist.
    link.start();
    await expect(first).rejects.toBeInstanceOf(Unroutable);
    await publisher.stop(1_000);
  });

  it('a confirm that comes too late settles no other try of the same message', async () => {
    const process = async ({ ack }: Delivery) => Promise.resolve(ack());
    const consumer = new Consumer({ link, log, handler, prefetch: 10, process });
    link.start();
    await ready(consumer);
    const way = await Way.to(broker.amqpUrl);
    const slow = new Link({ url: way.url, name: 'slow', log });
    const publisher = new Publisher({ link: slow, log, pendingMax: 10 });
    try {
      slow.start();
      await eventually(() => expect(publisher.isOpen).toBe(true));
      const messageId = v7();
      way.holdAnswers();
      const first = publisher.publish(target, content, { messageId }, 1);
      await expect(first).rejects.toBeInstanceOf(PublishUnknown);
      // The second try does not get far, so that the first one's confirm finds it pending.
      slow.declare = async () => new Promise<void>(() => undefined);
      const second = publisher.publish({ ...target, needs: {} }, content, { messageId }, 1_000);
      way.releaseAnswers();
      await expect(second).rejects.toBeInstanceOf(PublishUnknown);
    } finally {
      await publisher.stop(1_000);
      await slow.stop();
      await way.close();
    }
  }, 10_000);

  it('from the moment of its cancel a consumer starts nothing, and gives back what comes', async () => {
    let started = 0;
    const process = async ({ ack }: Delivery) => {
      started += 1;
      await new Promise((resolve) => setImmediate(resolve));
      ack();
    };
    const consumer = new Consumer({ link, log, handler, prefetch: 50, process });
    const publisher = new Publisher({ link, log, pendingMax: 10_000 });
    link.start();
    await ready(consumer);
    const messages = Array.from({ length: 5_000 }, () => v7());
    const sending = messages.map((messageId) => publisher.publish(target, content, { messageId }));
    await eventually(() => expect(started).toBeGreaterThan(500));
    const cancelling = consumer.cancel();
    const startedAtCancel = started;
    await cancelling;
    expect(await consumer.drain(1_000)).toBe(0);
    await Promise.all(sending);
    expect(started).toBe(startedAtCancel);
    await publisher.stop(1_000);
    await link.stop();
    await eventually(async () => {
      expect(await broker.depth('parts.work')).toBe(messages.length - started);
    });
  });
});
