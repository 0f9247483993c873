import { Logger } from '@nestjs/common';
import { AmqpTap, eventually, TestBroker } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { closeConnection, openConnection } from '../src/connection/connect';
import { Link } from '../src/connection/link';
import { renewAfterMs } from '../src/connection/reopening-channel';
import { newEnvelope } from '../src/envelope';
import { PublishRefused, PublishUnknown, RpcFailed, Unroutable } from '../src/errors';
import { Publisher, type Target } from '../src/publish/publisher';
import { TopicPublisher } from '../src/publish/topic-publisher';
import { RpcClient } from '../src/rpc/rpc-client';
import { moveMessages } from '../src/topology/move-messages';
import type { Topology } from '../src/topology/topology';
import { Double, Noted } from './contracts';

const content = Buffer.from('{}');

/** An exchange with one queue of the same name. */
function placeOf(name: string, type: 'fanout' | 'topic' = 'fanout'): Target {
  const needs: Topology = {
    exchanges: [{ name, type }],
    queues: [{ name, args: {} }],
    bindings: [{ exchange: name, queue: name, key: '' }],
  };
  return { exchange: name, routingKey: '', needs };
}

describe('a publisher', () => {
  const log = new Logger('Messaging');
  let broker: TestBroker;
  let link: Link;
  let publisher: Publisher;

  beforeAll(async () => {
    broker = await TestBroker.create();
    link = new Link({ url: broker.amqpUrl, name: 'publishes', log });
    link.start();
  });
  afterAll(async () => {
    await link.stop();
    await broker.close();
  });
  beforeEach(async () => {
    publisher = new Publisher({ link, log, pendingMax: 100 });
    await eventually(() => expect(publisher.isOpen).toBe(true));
  });
  afterEach(async () => publisher.stop(0));

  const publish = async (target: Target, messageId = v7(), timeoutMs = 8_000) =>
    publisher.publish(target, content, { messageId }, timeoutMs);

  it('makes every place that its messages need, and one again that was deleted', async () => {
    await Promise.all([publish(placeOf('one')), publish(placeOf('other'))]);
    const dead = (name: string): Target => ({
      exchange: '',
      routingKey: name,
      needs: { queues: [{ name, args: {} }] },
    });
    await Promise.all([publish(dead('one.dead')), publish(dead('other.dead'))]);
    // The next message ends the channel; on the new one the exchange is declared first.
    await broker.deleteExchange('one');
    await publish(placeOf('one'));
    const names = ['one', 'other', 'one.dead', 'other.dead'];
    const depths = await Promise.all(names.map(async (name) => broker.depth(name)));
    expect(depths).toEqual([2, 1, 1, 1]);
    await publish(dead('one.dead'));
    await broker.deleteQueue('one.dead');
    await expect(publish(dead('one.dead'))).rejects.toBeInstanceOf(Unroutable);
    await publish(dead('one.dead'));
    expect(await broker.depth('one.dead')).toBe(1);
  });

  it('refuses what cannot be written, and writes again what meets a channel that is closing', async () => {
    const tooLong = { exchange: '', routingKey: 'k'.repeat(256) };
    await expect(publish(tooLong)).rejects.toBeInstanceOf(PublishRefused);
    const place = placeOf('closing');
    await publish(place);
    const closing = publisher.channel.current?.close();
    await publish(place);
    await closing;
    expect(await broker.depth('closing')).toBe(2);
  });

  it('refuses a message whose place cannot be made, and no later one when it can', async () => {
    await link.declare(placeOf('taken', 'topic').needs ?? {});
    await expect(publish(placeOf('taken'))).rejects.toBeInstanceOf(PublishRefused);
    await broker.deleteExchange('taken');
    await publish(placeOf('taken'));
    expect(await broker.depth('taken')).toBe(1);
  });

  it('has a message once at a time, though in as many places as it goes to', async () => {
    const messageId = v7();
    await publish(placeOf('first'));
    await publish(placeOf('second'));
    const sending = ['first', 'first', 'second'].map(async (name) =>
      publish({ exchange: name, routingKey: '' }, messageId),
    );
    const [sent, again, elsewhere] = await Promise.allSettled(sending);
    expect([sent?.status, elsewhere?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(again).toMatchObject({ reason: expect.any(PublishRefused) as unknown });
    await publish({ exchange: 'first', routingKey: '' }, messageId);
    expect([await broker.depth('first'), await broker.depth('second')]).toEqual([3, 2]);
  });

  it('waits for the confirms when it is stopped, and takes nothing more', async () => {
    const sending = Promise.all([1, 2, 3].map(async () => publish(placeOf('last'))));
    await publisher.stop(8_000);
    await sending;
    await expect(publish(placeOf('last'))).rejects.toBeInstanceOf(PublishRefused);
    expect(await broker.depth('last')).toBe(3);
  });

  it('leaves no message pending: each has its time, whatever came before, and a stop', async () => {
    const away = new Link({ url: 'amqp://127.0.0.1:1', name: 'away', log });
    publisher = new Publisher({ link: away, log, pendingMax: 10 });
    for (let round = 0; round < 2; round += 1) {
      await expect(publish(placeOf('nowhere'), v7(), 1)).rejects.toBeInstanceOf(PublishUnknown);
    }
    const waiting = publish(placeOf('nowhere'), v7(), 60_000);
    waiting.catch(() => undefined);
    await publisher.stop(10);
    await expect(waiting).rejects.toBeInstanceOf(PublishUnknown);
  });

  it('writes nothing twice that waits on a channel which was given up', async () => {
    const tap = await AmqpTap.open(broker.amqpUrl);
    const tapped = new Link({ url: tap.url, name: 'tapped', log });
    const own = new Publisher({ link: tapped, log, pendingMax: 10 });
    const place = { exchange: 'once', routingKey: '' };
    try {
      await publish(placeOf('once'));
      tapped.start();
      await eventually(() => expect(own.isOpen).toBe(true));
      tap.cutting = '"cut"';
      const held = own.publish(place, Buffer.from('"cut"'), { messageId: v7() }, 2_000);
      held.catch(() => undefined);
      await eventually(() => expect(tap.swallowed).toBeGreaterThan(0));
      tap.cutting = undefined;
      own.channel.replace('given up');
      await eventually(() => expect(own.isOpen).toBe(true));
      const { current } = own.channel;
      // It ends the channel, and takes along what was written to that one alone.
      own.offer(
        { ...place, exchange: 'missing' },
        content,
        { messageId: v7() },
        () => undefined,
        1,
      );
      await eventually(() => expect(own.channel.current).not.toBe(current));
      await eventually(() => expect(own.isOpen).toBe(true));
      await expect(held).rejects.toBeInstanceOf(PublishUnknown);
      expect(await broker.depth('once')).toBe(1);
    } finally {
      await own.stop(0);
      await tapped.stop();
      await tap.close();
    }
  });

  it('writes a message once, though its channel was given up while its place was made', async () => {
    const own = new Link({ url: broker.amqpUrl, name: 'declares slowly', log });
    const declare = own.declare.bind(own);
    const declared: (() => void)[] = [];
    own.declare = async (topology) => {
      await declare(topology);
      await new Promise<void>((resolve) => declared.push(resolve));
    };
    const slow = new Publisher({ link: own, log, pendingMax: 10 });
    try {
      own.start();
      await eventually(() => expect(slow.isOpen).toBe(true));
      const sending = slow.publish(placeOf('slow'), content, { messageId: v7() });
      await eventually(() => expect(declared).toHaveLength(1));
      slow.channel.replace('given up');
      await eventually(() => expect(declared).toHaveLength(2));
      declared[1]?.();
      await sending;
      declared[0]?.();
      await slow.publish({ exchange: 'slow', routingKey: '' }, content, { messageId: v7() });
      await slow.stop(0);
      await own.stop();
      expect(await broker.depth('slow')).toBe(2);
    } finally {
      await slow.stop(0);
      await own.stop();
    }
  });

  it('refuses all that goes where it may not write, and nothing else, on one channel', async () => {
    await Promise.all([publish(placeOf('forbidden')), publish(placeOf('allowed'))]);
    const write = '^(amq\\.default|allowed)$';
    const url = await broker.userWith({ configure: '.*', write, read: '.*' });
    const own = new Link({ url, name: 'may not', log });
    const may = new Publisher({ link: own, log, pendingMax: 10 });
    const send = async (exchange: string) =>
      may.publish({ exchange, routingKey: '' }, content, { messageId: v7() }, 8_000);
    try {
      own.start();
      await eventually(() => expect(may.isOpen).toBe(true));
      const both = ['forbidden', 'forbidden'].map(async (exchange) =>
        expect(send(exchange)).rejects.toBeInstanceOf(PublishRefused),
      );
      await Promise.all([...both, send('allowed')]);
      expect(may.problems).toEqual([expect.stringContaining('write on exchange "forbidden"')]);
      const { current } = may.channel;
      await expect(send('forbidden')).rejects.toBeInstanceOf(PublishRefused);
      await send('allowed');
      expect(may.channel.current).toBe(current);
    } finally {
      await may.stop(0);
      await own.stop();
    }
    expect([await broker.depth('forbidden'), await broker.depth('allowed')]).toEqual([1, 3]);
  });

  it('sends what is refused again on a new channel, and nothing twice that was on the old', async () => {
    const [narrow, wide] = [
      { exchange: '', routingKey: 'narrow' },
      { exchange: '', routingKey: 'wide' },
    ];
    const args = { 'x-queue-type': 'quorum' };
    for (const { routingKey } of [narrow, wide]) await broker.declareQueue(routingKey, args);
    await broker.limitQueues('^narrow$', { 'max-length': 1, overflow: 'reject-publish' });
    const refused = async () => expect(publish(narrow)).rejects.toBeInstanceOf(PublishRefused);
    await eventually(refused, { everyMs: 5 });
    const old = publisher.channel.current;
    const closed = new Promise<void>((resolve) => old?.once('close', resolve));
    const now = Date.now.bind(Date);
    let passedMs = renewAfterMs;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + passedMs);
    try {
      const beside = Array.from({ length: 20 }, async () => publish(wide));
      await Promise.all([refused(), ...beside]);
      await closed;
      expect(publisher.channel.current).not.toBe(old);
      expect(await broker.depth('wide')).toBe(20);
      await broker.unlimitQueues();
      await eventually(async () => broker.sendToQueue('narrow', {}));
      passedMs += renewAfterMs;
      // RabbitMQ 3.10 goes on refusing on the channel that was refused.
      const before = await broker.depth('narrow');
      await publish(narrow);
      expect(await broker.depth('narrow')).toBe(before + 1);
    } finally {
      clock.mockRestore();
    }
  });

  it('is not open while the broker takes nothing, and drops topics until it does', async () => {
    const tap = await AmqpTap.open(broker.amqpUrl);
    const tapped = new Link({ url: tap.url, name: 'blocked', log });
    const own = new Publisher({ link: tapped, log, pendingMax: 10 });
    const topics = new TopicPublisher(tapped, log, 'tests');
    const tell = () => topics.tell(Noted, 'note', { what: '' });
    try {
      tapped.start();
      await eventually(() => expect([own.isOpen, tell()]).toEqual([true, true]));
      tap.block('low on disk');
      await eventually(() => expect(tapped.blocked).toBe('low on disk'));
      expect([own.isOpen, tell()]).toEqual([false, false]);
      tap.unblock();
      await eventually(() => expect([own.isOpen, tell()]).toEqual([true, true]));
    } finally {
      await own.stop(0);
      await tapped.stop();
      await tap.close();
    }
  });

  it('of questions writes what waits for its channel, until it is stopped', async () => {
    const later = new Link({ url: broker.amqpUrl, name: 'later', log });
    const rpc = new RpcClient({ link: later, log, service: 'tests', waitingMax: 10 });
    const ask = async (timeoutMs = 8_000) => rpc.ask(Double, { value: 1 }, timeoutMs);
    try {
      expect(rpc.isOpen).toBe(false);
      // Nobody serves that queue: so says the broker.
      const unserved = expect(ask()).rejects.toBeInstanceOf(Unroutable);
      later.start();
      await unserved;
      expect(rpc.isOpen).toBe(true);
      await broker.declareQueue(Double.route.queue);
      await expect(ask(100)).rejects.toThrow(/100 ms/);
      const unanswered = expect(ask()).rejects.toThrow('shutting down');
      // What its caller has given up is gone from the queue.
      await eventually(async () => expect(await broker.depth(Double.route.queue)).toBe(1));
      rpc.stop();
      await unanswered;
      await expect(ask()).rejects.toThrow('shutting down');
      expect(rpc.isOpen).toBe(false);
      const asked = { envelope: newEnvelope('Double'), queue: 'any', content };
      const failed = jest.fn();
      rpc.open(asked, { timeoutMs: 8_000, answered: failed, failed })();
      expect(failed.mock.calls).toEqual([[expect.any(RpcFailed)]]);
    } finally {
      await later.stop();
    }
  });

  it.each([
    ['has no room', { 'max-length': 1, overflow: 'reject-publish' }],
    ['is not there', undefined],
  ])('that moves messages leaves those in their queue whose next one %s', async (_what, limit) => {
    const [from, to] = [`from-${v7()}`, `to-${v7()}`];
    await broker.declareQueue(from, { 'x-queue-type': 'quorum' });
    const exchanges: Topology['exchanges'] = [{ name: to, type: 'fanout' }];
    await link.declare(limit ? (placeOf(to).needs ?? {}) : { exchanges });
    if (limit) await broker.limitQueues(`^${to}$`, limit);
    for (let n = 0; n < 6; n += 1) await publish({ exchange: '', routingKey: from });
    const model = await openConnection(broker.amqpUrl, 'moves');
    const { signal } = new AbortController();
    const moving = moveMessages(model, { from, through: to, signal });
    await expect(moving).rejects.toThrow(limit ? 'nack' : 'has no queue');
    await closeConnection(model);
    await eventually(async () => {
      const moved = limit ? await broker.depth(to) : 0;
      // What was confirmed after the refusal may be in both.
      expect(moved + (await broker.depth(from))).toBeGreaterThanOrEqual(6);
      expect(moved).toBeLessThan(6);
    });
  });
});
