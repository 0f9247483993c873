import { Logger } from '@nestjs/common';
import { AmqpTap, eventually, TestBroker } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { Consumer, type ConsumerOptions } from '../src/consume/consumer';
import type { Delivery } from '../src/consume/delivery';
import { queueTopology, type Wiring } from '../src/handlers/handler';
import { Link } from '../src/connection/link';
import { PermissionMissing } from '../src/permission-missing';
import { Publisher } from '../src/publish/publisher';

describe('a consumer by itself', () => {
  const log = new Logger('Messaging');
  const links: Link[] = [];
  let broker: TestBroker;
  let tap: AmqpTap;
  let queue: string;

  beforeAll(async () => {
    broker = await TestBroker.create();
  });
  afterAll(() => broker.close());
  beforeEach(async () => {
    queue = `consumer-${v7()}`;
    tap = await AmqpTap.open(broker.amqpUrl);
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.stop()));
    await tap.close();
  });

  const open = (url = broker.amqpUrl) => {
    const link = new Link({ url, name: 'consumer', log });
    links.push(link);
    link.start();
    return link;
  };
  const wiring = (): Wiring => ({
    name: 'Test.handle',
    kind: 'work',
    queue,
    bindings: [],
    retry: [],
  });
  const ready = async (consumer: Consumer) =>
    eventually(() => expect(consumer.channel.closedBecause).toBeUndefined());
  const renewed = async (consumer: Consumer) => {
    consumer.renew('no answer');
    expect(consumer.channel.closedBecause).toBe('no answer');
    expect(consumer.lastSeenAt).toBe(0);
    await ready(consumer);
  };
  const consume = async (
    process: ConsumerOptions['process'],
    options: Partial<ConsumerOptions> = {},
  ) => {
    const handler = wiring();
    const link = options.link ?? open();
    const consumer = new Consumer({ link, log, handler, prefetch: 1, process, ...options });
    await ready(consumer);
    return consumer;
  };
  const acks = async ({ ack }: Delivery) => Promise.resolve(ack());
  /** As a process that ends: first no more, then to the end. */
  const end = async (consumer: Consumer) => {
    await consumer.cancel();
    expect(await consumer.drain(1_000)).toBe(0);
    await Promise.all(links.splice(0).map((link) => link.stop()));
  };

  it('from the moment of its cancel starts nothing, and gives back what comes', async () => {
    let [started, startedAtCancel] = [0, 0];
    let cancelling: Promise<void> | undefined;
    const process = async ({ ack }: Delivery) => {
      started += 1;
      // Of what came with this one some has not begun, and more is on its way.
      if (started === 275) {
        startedAtCancel = started;
        cancelling = consumer.cancel();
      }
      await new Promise((resolve) => setImmediate(resolve));
      ack();
    };
    await broker.declareQueue(queue, queueTopology(wiring()).queues[1]?.args);
    const [count, link] = [1_000, open()];
    const publisher = new Publisher({ link, log, pendingMax: count });
    const place = { exchange: '', routingKey: queue };
    const send = async () => publisher.publish(place, Buffer.from('{}'), { messageId: v7() });
    await Promise.all(Array.from({ length: count }, send));
    await publisher.stop(0);
    const consumer = new Consumer({ link, log, handler: wiring(), prefetch: 50, process });
    await eventually(() => expect(cancelling).toBeDefined());
    await cancelling;
    await end(consumer);
    expect(started).toBe(startedAtCancel);
    await eventually(async () => expect(await broker.depth(queue)).toBe(count - started));
  });

  it('that has ended consumes no more, though its connection is there', async () => {
    const consumer = await consume(acks);
    await consumer.cancel();
    expect(await consumer.drain(1_000)).toBe(0);
    await expect(consumer.channel.get()).rejects.toThrow('channel closed');
  });

  it('that is cancelled while it is checked is gone once it is', async () => {
    const consumer = await consume(acks, { link: open(tap.url) });
    const { consumed } = tap;
    tap.latencyMs = 50;
    const checking = consumer.check();
    // The broker has it consume anew, and it has not heard of it.
    await eventually(() => expect(tap.consumed).toBe(consumed + 1), { everyMs: 1 });
    await consumer.cancel();
    await broker.sendToQueue(queue, {});
    expect(await broker.depth(queue)).toBe(1);
    await checking;
  });

  it.each([
    ['is cancelled', async (consumer: Consumer) => consumer.cancel(), 0],
    ['gets another channel', async (consumer: Consumer) => renewed(consumer), 1],
  ])('that %s is not put back on its old channel by a check', async (_what, act, anew) => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    // A classic queue does not count a consumer that it has lost, whatever that has in hand.
    const handler: Wiring = { ...wiring(), kind: 'rpc' };
    const options = { link: open(tap.url), handler };
    const consumer = await consume(async ({ ack }) => held.then(ack), options);
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(consumer.heldForMs).toBeGreaterThan(0));
    tap.loseConsumers(queue);
    const { consumed } = tap;
    const checking = consumer.check();
    await act(consumer);
    expect(await checking).toBe('counted');
    expect(tap.consumed).toBe(consumed + anew);
    letGo();
  });

  it('that is asked for twice at once is checked once, and again later', async () => {
    const consumer = await consume(acks, { link: open(tap.url) });
    const { consumed } = tap;
    const both = await Promise.all([consumer.check(), consumer.check()]);
    expect(both).toEqual(['present', 'present']);
    expect(tap.consumed).toBe(consumed + 1);
    await consumer.check();
    expect(tap.consumed).toBe(consumed + 2);
  });

  it('finishes on a channel that it has given up what is in hand there, and begins nothing', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const begun: Delivery[] = [];
    const process = async (delivery: Delivery) => {
      begun.push(delivery);
      if (begun.length === 1) await held;
      delivery.ack();
    };
    const consumer = await consume(process, { prefetch: 10 });
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(begun).toHaveLength(1));
    await renewed(consumer);
    for (let sent = 0; sent < 4; sent += 1) await broker.sendToQueue(queue, {});
    letGo();
    await eventually(() => expect(begun.length).toBeGreaterThanOrEqual(5));
    await end(consumer);
    expect(await broker.depth(queue)).toBe(0);
    expect(new Set(begun.map(({ raw }) => raw.properties.messageId as unknown)).size).toBe(5);
    expect(begun.filter(({ channel }) => channel === begun[0]?.channel)).toHaveLength(1);
    expect(begun).toHaveLength(5);
  });

  it('with nothing in hand leaves no consumer on the channel that it has given up', async () => {
    let acked = 0;
    const consumer = await consume(async ({ ack }) => {
      ack();
      acked += 1;
      return Promise.resolve();
    });
    await renewed(consumer);
    for (let sent = 0; sent < 10; sent += 1) await broker.sendToQueue(queue, {});
    await eventually(() => expect(acked).toBe(10));
  });

  it('ends while it has given up one channel and has no other yet', async () => {
    const consumer = await consume(acks);
    consumer.renew('no answer');
    await end(consumer);
  });

  it('gives up a check that has no answer with its channel, and may be checked again', async () => {
    const consumer = await consume(acks, { link: open(tap.url) });
    // The first thing that the consumer's own channel alone says.
    tap.cutting = 'amq.ctag';
    consumer.check().catch(() => undefined);
    await eventually(() => expect(tap.swallowed).toBeGreaterThan(0));
    tap.cutting = undefined;
    await renewed(consumer);
    expect(await consumer.check()).toBe('present');
  });

  it('is checked on its new channel until that is over, not until a check of the old one is', async () => {
    const gates: (() => void)[] = [];
    const link = open();
    let isSlow = false;
    const declare: Link['declare'] = async (topology) => {
      if (isSlow) await new Promise<void>((resolve) => gates.push(resolve));
      await link.declare(topology);
    };
    const slow = Object.assign(Object.create(link) as Link, { declare });
    const consumer = await consume(acks, { link: slow });
    const check = async () => {
      isSlow = true;
      const checking = consumer.check();
      isSlow = false;
      return { checking };
    };
    const old = await check();
    await renewed(consumer);
    const later = await check();
    gates[0]?.();
    await expect(old.checking).rejects.toThrow('closed');
    expect(consumer.isBeingChecked).toBe(true);
    gates[1]?.();
    await later.checking;
    expect(consumer.isBeingChecked).toBe(false);
  });

  it('whose binding is refused consumes no more, and says why, until that is mended', async () => {
    const exchange = 'refused';
    const bindings: Wiring['bindings'] = [{ exchange, type: 'fanout', key: '' }];
    const link = open();
    const consumer = await consume(acks, { link, handler: { ...wiring(), bindings } });
    await broker.deleteExchange(exchange);
    await link.declare({ exchanges: [{ name: exchange, type: 'topic' }] });
    await expect(consumer.check()).rejects.toThrow('inequivalent');
    expect(consumer.channel.closedBecause).toContain('inequivalent');
    await broker.deleteExchange(exchange);
    await ready(consumer);
  });

  it('whose exchange is gone, and that may not make it again, says so too', async () => {
    const exchange = 'not again';
    const bindings: Wiring['bindings'] = [{ exchange, type: 'fanout', key: '' }];
    const all = { configure: '.*', write: '.*', read: '.*' };
    const url = await broker.userWith(all);
    const consumer = await consume(acks, { link: open(url), handler: { ...wiring(), bindings } });
    await broker.deleteExchange(exchange);
    await broker.permit(url, { ...all, configure: '^$' });
    await expect(consumer.check()).rejects.toBeInstanceOf(PermissionMissing);
    expect(consumer.channel.closedBecause).toContain('configure on exchange "not again"');
  });

  it('that the broker cancels makes its queue again at once, on its connection', async () => {
    const link = open();
    let ups = 0;
    link.onUp(() => (ups += 1));
    const begun: (() => void)[] = [];
    const process = async ({ ack }: Delivery) =>
      new Promise<void>((resolve) => begun.push(resolve)).then(ack);
    await consume(process, { link });
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(begun).toHaveLength(1));
    await broker.deleteQueue(queue);
    await eventually(async () => broker.sendToQueue(queue, {}));
    // The first one is still in hand.
    await eventually(() => expect(begun).toHaveLength(2));
    expect(ups).toBe(1);
    for (const letGo of begun) letGo();
  });

  it('that is cancelled in the very packet that lets it consume does so on a new channel', async () => {
    let acked = 0;
    const process = async ({ ack }: Delivery) => {
      ack();
      acked += 1;
      return Promise.resolve();
    };
    tap.cancelling = queue;
    const consuming = consume(process, { link: open(tap.url) });
    await eventually(() => expect(tap.consumed).toBeGreaterThan(0), { everyMs: 1 });
    tap.cancelling = undefined;
    await consuming;
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(acked).toBe(1));
  });

  it('that is cancelled on a channel that it has given up goes on on that of now', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const consumer = await consume(async ({ ack }) => held.then(ack), { link: open(tap.url) });
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(consumer.heldForMs).toBeGreaterThan(0));
    await renewed(consumer);
    tap.cancelFirst(queue);
    // What it hears after that: it knows of the cancel.
    await consumer.check();
    expect(await consumer.check()).toBe('present');
    letGo();
  });

  it('that is put back with work in hand begins what comes beyond its prefetch later', async () => {
    const begun: (() => void)[] = [];
    const handler: Wiring = { ...wiring(), kind: 'rpc' };
    const process = async ({ ack }: Delivery) =>
      new Promise<void>((resolve) => begun.push(resolve)).then(ack);
    const consumer = await consume(process, { link: open(tap.url), handler });
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(begun).toHaveLength(1));
    tap.loseConsumers(queue);
    expect(await consumer.check()).toBe('restored');
    const seenAt = consumer.lastSeenAt;
    await eventually(() => expect(Date.now()).toBeGreaterThan(seenAt), { everyMs: 1 });
    // The broker knows nothing of the first one's prefetch.
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(consumer.lastSeenAt).toBeGreaterThan(seenAt));
    expect(begun).toHaveLength(1);
    begun[0]?.();
    await eventually(() => expect(begun).toHaveLength(2));
    begun[1]?.();
    await end(consumer);
    expect(await broker.depth(queue)).toBe(0);
  });

  it('knows how long the messages of a bundle have been held, not how long it is there', async () => {
    const consumer = await consume(async (delivery) => {
      delivery.parts = [{}, { heldSince: Date.now() - 60_000 }, { heldSince: Date.now() - 30_000 }];
      return new Promise<void>(() => undefined);
    });
    expect(consumer.heldForMs).toBe(0);
    await broker.sendToQueue(queue, []);
    await eventually(() => expect(consumer.heldForMs).toBeGreaterThanOrEqual(60_000));
    expect(consumer.heldForMs).toBeLessThan(90_000);
  });

  it('that has never consumed ends all the same', async () => {
    const link = new Link({ url: broker.amqpUrl, name: 'consumer', log });
    const handler = wiring();
    await end(new Consumer({ link, log, handler, prefetch: 1, process: acks }));
  });

  it('was seen when it began to consume, and is with each message', async () => {
    const before = Date.now();
    const consumer = await consume(acks);
    const first = consumer.lastSeenAt;
    expect(first).toBeGreaterThanOrEqual(before);
    await eventually(() => expect(Date.now()).toBeGreaterThan(first), { everyMs: 1 });
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(consumer.lastSeenAt).toBeGreaterThan(first));
  });

  it('takes no more than its prefetch, and acks what ends too late for its stop', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const consumer = await consume(async ({ ack }) => held.then(ack), { prefetch: 2 });
    for (let sent = 0; sent < 3; sent += 1) await broker.sendToQueue(queue, {});
    await eventually(() => expect(consumer.heldForMs).toBeGreaterThan(0));
    expect(await broker.depth(queue)).toBe(1);
    await consumer.cancel();
    expect(await consumer.drain(1)).toBe(2);
    letGo();
    await end(consumer);
    expect(await broker.depth(queue)).toBe(1);
  });

  it('acks what ends in the very turn in which it closes', async () => {
    let [isHeld, open] = [false, (): void => undefined];
    const opened = new Promise<void>((resolve) => (open = resolve));
    const consumer = await consume(async ({ ack }) => {
      isHeld = true;
      await opened;
      ack();
    });
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(isHeld).toBe(true));
    await consumer.cancel();
    open();
    for (let ticks = 0; ticks < 20; ticks += 1) await Promise.resolve();
    await end(consumer);
    expect(await broker.depth(queue)).toBe(0);
  });

  it('lets go what its processor fails to settle: it is in its queue', async () => {
    const told: unknown[] = [];
    const hearing = { error: (...all: unknown[]) => told.push(all) } as unknown as Logger;
    const process = async () => Promise.reject(new Error('no processor fails'));
    const consumer = await consume(process, { log: hearing });
    await broker.sendToQueue(queue, {});
    await eventually(() => expect(told).toHaveLength(1));
    await end(consumer);
    await eventually(async () => expect(await broker.depth(queue)).toBe(1));
  });
});
