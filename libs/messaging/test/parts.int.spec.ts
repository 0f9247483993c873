import { Logger } from '@nestjs/common';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { eventually, TestBroker } from '@tradepost/test-kit';
import type { ConsumeMessage } from 'amqplib';
import { v7 } from 'uuid';
import { Consumer } from '../src/consume/consumer';
import type { Delivery } from '../src/consume/delivery';
import { EventProcessor } from '../src/consume/event-processor';
import { Failures } from '../src/consume/failures';
import { currentTrace } from '../src/context';
import { PublishBufferFull, PublishUnknown, Rejected, Unroutable } from '../src/errors';
import type { Handler } from '../src/handlers/handler';
import { Link } from '../src/connection/link';
import type { Received } from '../src/message';
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

  it('a failed message that no queue takes goes back to its own, and comes again later', async () => {
    const tries = new Map<unknown, number[]>();
    const invoke = async (_body: unknown, raw: unknown) => {
      const { messageId } = (raw as ConsumeMessage).properties as { messageId: unknown };
      tries.set(messageId, [...(tries.get(messageId) ?? []), performance.now()]);
      return Promise.reject(new Rejected('never'));
    };
    await broker.limitQueues('\\.dead$', { 'max-length': 1, overflow: 'reject-publish' });
    const silent = { warn: () => undefined, error: () => undefined } as unknown as Logger;
    const publisher = new Publisher({ link, log, pendingMax: 10 });
    const failing = { ...handler, invoke };
    const failures = new Failures(failing, publisher, silent);
    const processor = new EventProcessor(failing, failures, { size: 1 });
    const process = async (delivery: Delivery) => processor.process(delivery);
    const consumer = new Consumer({ link, log, handler: failing, prefetch: 10, process });
    link.start();
    await ready(consumer);
    const again = () => [...tries.values()].filter((times) => times.length > 1);
    // The broker takes its time until a policy counts: more come until the queue refuses some.
    let sent = 0;
    await eventually(async () => {
      await publisher.publish(target, content, { messageId: v7() });
      sent += 1;
      expect(again()).not.toEqual([]);
    });
    for (const [first = 0, second = 0] of again()) {
      expect(second - first).toBeGreaterThanOrEqual(990);
    }
    await consumer.cancel();
    expect(await consumer.drain(5_000)).toBe(0);
    await publisher.stop(1_000);
    await eventually(async () => {
      const [left, dead] = [
        await broker.depth('parts.work'),
        await broker.depth('parts.work.dead'),
      ];
      expect(dead).toBeGreaterThan(0);
      expect(left + dead).toBe(sent);
    });
  });

  it('a batch that throws is tried one by one, a few at a time, each in its own flow', async () => {
    const calls: { size: number; flow?: string }[] = [];
    let [running, most] = [0, 0];
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const answers: Record<string, unknown> = {
      none: [],
      'of another batch': [{ message: {}, error: new Error('not ours') }],
      'no list': 'done',
    };
    const invoke = async (received: unknown) => {
      const batch = received as Received<{ answer: string }>[];
      calls.push({ size: batch.length, flow: currentTrace()?.correlationId });
      await opened;
      const [first] = batch;
      if (first === undefined || batch.length > 1) throw new Error('one of them');
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return answers[first.body.answer];
    };
    const silent = { warn: () => undefined, error: () => undefined } as unknown as Logger;
    const publisher = new Publisher({ link, log, pendingMax: 100 });
    const batching = { ...handler, batch: { size: 20 }, invoke };
    const failures = new Failures(batching, publisher, silent);
    const processor = new EventProcessor(batching, failures, batching.batch);
    const process = async (delivery: Delivery) => processor.process(delivery);
    const consumer = new Consumer({ link, log, handler: batching, prefetch: 40, process });
    link.start();
    await ready(consumer);
    const say = async (answer: string) => {
      const body = Buffer.from(JSON.stringify({ answer }));
      await publisher.publish(target, body, { messageId: v7(), correlationId: answer });
    };
    await say('nothing');
    await eventually(() => expect(calls).toEqual([{ size: 1, flow: 'nothing' }]));
    const others = [...Object.keys(answers), ...Array.from({ length: 17 }, (_, n) => `n${n}`)];
    for (const answer of others) await say(answer);
    await eventually(async () => expect(await broker.depth('parts.work')).toBe(0));
    open();
    await eventually(() => expect(calls).toHaveLength(22));
    expect(calls[1]).toEqual({ size: 20 });
    const alone = calls.slice(2);
    expect(new Set(alone.map(({ size }) => size))).toEqual(new Set([1]));
    expect(alone.map(({ flow }) => flow).sort()).toEqual(others.sort());
    expect(most).toBe(8);
    const dead = async () =>
      (await broker.deadLetters('parts.work')).map(
        ({ body }) => (body as { answer: string }).answer,
      );
    await eventually(async () => {
      expect((await dead()).sort()).toEqual(['no list', 'of another batch']);
    });
    await consumer.cancel();
    expect(await consumer.drain(5_000)).toBe(0);
    await publisher.stop(1_000);
    await link.stop();
    expect(await broker.depth('parts.work')).toBe(0);
  });
});
