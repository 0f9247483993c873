import { AmqpTap, eventually, TestBroker } from '@tradepost/test-kit';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { openConnection } from '../src/connection/connect';
import { moveMessages } from '../src/topology/move-messages';

/** More than a move holds at a time. */
const count = 1_200;

describe('a move', () => {
  let broker: TestBroker;
  let model: ChannelModel;
  let channel: ConfirmChannel;
  let queues = 0;
  let from: string;
  let to: string;
  const { signal } = new AbortController();

  beforeAll(async () => {
    broker = await TestBroker.create();
    model = await openConnection(broker.amqpUrl, 'move');
    channel = await model.createConfirmChannel();
    await channel.assertExchange('nowhere', 'fanout');
  });
  afterAll(async () => {
    await model.close();
    await broker.close();
  });
  beforeEach(async () => {
    queues += 1;
    [from, to] = [`from-${queues}`, `to-${queues}`];
    const options = { arguments: { 'x-queue-type': 'quorum' } };
    for (const queue of [from, to]) await channel.assertQueue(queue, options);
    await channel.assertExchange(to, 'fanout');
    await channel.bindQueue(to, to, '');
    for (let i = 0; i < count; i += 1) channel.sendToQueue(from, Buffer.from(`${i}`));
    await channel.waitForConfirms();
  });

  const depths = async () => [await broker.depth(from), await broker.depth(to)];

  it('moves all, in order, and leaves none', async () => {
    const options = { from, through: to, withinMs: 60_000, signal };
    expect(await moveMessages(model, options)).toBe(count);
    expect(await depths()).toEqual([0, count]);
    const { messages } = await broker.takeFrom(to);
    await eventually(() => expect(messages).toHaveLength(count));
    expect(messages.map(({ body }) => body)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it('through an exchange without a queue leaves every message where it was', async () => {
    const move = moveMessages(model, { from, through: 'nowhere', signal });
    await expect(move).rejects.toThrow('nowhere has no queue');
    const missing = moveMessages(model, { from, through: 'missing', signal });
    await expect(missing).rejects.toThrow('NOT_FOUND');
    await eventually(async () => expect(await depths()).toEqual([count, 0]));
  });

  it('ends early when it is told to, and when its time is up', async () => {
    const aborted = moveMessages(model, { from, through: to, signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow('aborted');
    const inTime = await moveMessages(model, { from, through: to, withinMs: 0, signal });
    expect(inTime).toBeLessThan(count);
    const few = await moveMessages(model, { from, through: to, leave: count, signal });
    expect(few).toBeLessThan(count);
    await eventually(async () => {
      const [waiting = 0, moved = 0] = await depths();
      expect(waiting + moved).toBeGreaterThanOrEqual(count);
    });
  });

  it('to where there is no room leaves what does not fit', async () => {
    await broker.limitQueues(`^${to}$`, { 'max-length': 10, overflow: 'reject-publish' });
    const options = { from, through: to, signal };
    const failed = async () => moveMessages(model, options).catch((error: unknown) => error);
    // The policy takes its time to reach the queue.
    await eventually(async () => expect(await failed()).toBeInstanceOf(Error));
    const few = moveMessages(model, { ...options, leave: count });
    await expect(few).rejects.toBeInstanceOf(Error);
    await eventually(async () => {
      const [waiting = 0, moved = 0] = await depths();
      expect(waiting + moved).toBeGreaterThanOrEqual(count);
    });
    await broker.unlimitQueues();
  });

  it('ends when its queue is deleted', async () => {
    const tap = await AmqpTap.open(broker.amqpUrl);
    const tapped = await openConnection(tap.url, 'slow move');
    tap.latencyMs = 200;
    const move = moveMessages(tapped, { from, through: to, signal });
    const failed = expect(move).rejects.toThrow(/deleted meanwhile|NOT_FOUND/);
    await eventually(async () => expect(await broker.depth(to)).toBeGreaterThan(0));
    await broker.deleteQueue(from);
    await failed;
    await tapped.close();
    await tap.close();
  });
});
