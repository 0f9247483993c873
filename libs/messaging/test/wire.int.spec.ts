import { Logger } from '@nestjs/common';
import { eventually, TcpTap, TestBroker } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { Link } from '../src/connection/link';
import { Consumer } from '../src/consume/consumer';
import type { Delivery } from '../src/consume/delivery';
import type { Handler } from '../src/handlers/handler';
import { Publisher } from '../src/publish/publisher';
import { TopicPublisher } from '../src/publish/topic-publisher';
import { Noted } from './contracts';

describe('what a turn writes', () => {
  const log = new Logger('Messaging');
  const queue = 'wire.work';
  const handler: Handler = {
    name: 'Test.handle',
    kind: 'work',
    queue,
    bindings: [],
    retry: [],
    invoke: async () => Promise.resolve(),
  };
  let broker: TestBroker;
  let link: Link;

  beforeEach(async () => {
    broker = await TestBroker.create();
    link = new Link({ url: broker.amqpUrl, name: 'wire', log });
    link.start();
  });
  afterEach(async () => {
    await link.stop();
    await broker.close();
  });

  async function consumer(process: (delivery: Delivery) => Promise<void>): Promise<Consumer> {
    const made = new Consumer({ link, log, handler, prefetch: 100, process });
    await eventually(() => expect(made.channel.closedBecause).toBeUndefined());
    return made;
  }

  async function publish(count: number): Promise<string[]> {
    const publisher = new Publisher({ link, log, pendingMax: 10_000 });
    const ids = Array.from({ length: count }, () => v7());
    const target = { exchange: '', routingKey: queue };
    const content = Buffer.from('{}');
    await Promise.all(ids.map((messageId) => publisher.publish(target, content, { messageId })));
    await publisher.stop(1_000);
    return ids;
  }

  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const idOf = ({ raw }: Delivery) => String(raw.properties.messageId);

  /** Ten messages that came in this order, none of them settled. */
  async function ten(): Promise<{ one: Consumer; taken: Delivery[] }> {
    const taken: Delivery[] = [];
    const one = await consumer(async (delivery) => {
      taken.push(delivery);
      return new Promise(() => undefined);
    });
    const ids = await publish(10);
    await eventually(() => expect(taken.map(idOf)).toEqual(ids));
    return { one, taken };
  }

  async function whatIsLeft(one: Consumer): Promise<string[]> {
    await one.cancel();
    await link.stop();
    const { messages } = await broker.takeFrom(queue);
    const marker = v7();
    await broker.sendToQueue(queue, {}, { messageId: marker });
    const ids = () => messages.map(({ properties }) => String(properties.messageId));
    await eventually(() => expect(ids()).toContain(marker));
    return ids().filter((id) => id !== marker);
  }

  it.each([0, 4, 9])('one of ten that is slow, number %i, is all that comes back', async (slow) => {
    const { one, taken } = await ten();
    taken.forEach(({ ack }, i) => i !== slow && ack());
    expect(await whatIsLeft(one)).toEqual(taken.slice(slow, slow + 1).map(idOf));
  });

  it('what is done turn by turn, in any order, is acked once', async () => {
    const { one, taken } = await ten();
    for (const i of [5, 3, 4, 0, 9, 1]) {
      taken[i]?.ack();
      taken[i]?.ack();
      await turn();
    }
    taken[2]?.requeue();
    taken[2]?.ack();
    taken[6]?.ack();
    await eventually(() => expect(taken).toHaveLength(11));
    expect(one.channel.closedBecause).toBeUndefined();
    const left = [taken[7], taken[8], taken[10]].flatMap((delivery) => delivery ?? []);
    expect((await whatIsLeft(one)).sort()).toEqual(left.map(idOf).sort());
  });

  it('an ack of the last moment reaches the broker before the link ends', async () => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const deliveries: Delivery[] = [];
    const one = await consumer(async (delivery) => {
      deliveries.push(delivery);
      await finished;
      delivery.ack();
    });
    await publish(10);
    await eventually(() => expect(deliveries).toHaveLength(10));
    await one.cancel();
    finish();
    // All that follows a promise, but no turn.
    for (let i = 0; i < 20; i += 1) await finished;
    expect(await one.drain(1_000)).toBe(0);
    await link.stop();
    expect(await broker.depth(queue)).toBe(0);
  });

  it('what was told in the turn that ends the link goes out', async () => {
    const topics = new TopicPublisher(link, log, 'wire');
    const { messages } = await broker.listen(Noted);
    await eventually(() => expect(topics.tell(Noted, 'first', { what: '' })).toBe(true));
    await eventually(() => expect(messages).toHaveLength(1));
    const told = Array.from({ length: 500 }, (_, i) =>
      topics.tell(Noted, `note.${i}`, { what: '' }),
    );
    await link.stop();
    expect(new Set(told)).toEqual(new Set([true]));
    await eventually(() => expect(messages).toHaveLength(501));
  });

  it('topics are dropped, not gathered, while the broker takes nothing', async () => {
    const tap = await TcpTap.open(broker.amqpUrl);
    const slow = new Link({ url: tap.url, name: 'slow', log });
    slow.start();
    const topics = new TopicPublisher(slow, log, 'wire');
    const note = { what: 'a'.repeat(10_000) };
    try {
      await eventually(() => expect(topics.tell(Noted, 'first', note)).toBe(true));
      tap.silence();
      // More than the sockets' buffers and the channel's hold together.
      let told = 0;
      for (; told < 20_000 && topics.tell(Noted, 'many', note); told += 1) {
        if (told % 100 === 0) await turn();
      }
      expect(told).toBeLessThan(20_000);
      tap.thaw();
      await eventually(() => expect(topics.tell(Noted, 'again', note)).toBe(true));
    } finally {
      await tap.close();
      await slow.stop();
    }
  });
});
