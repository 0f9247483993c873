import { Logger } from '@nestjs/common';
import { eventually, TestBroker } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { Link } from '../src/connection/link';
import { renewAfterMs } from '../src/connection/reopening-channel';
import { PublishRefused } from '../src/errors';
import { Publisher } from '../src/publish/publisher';
import { TopicPublisher } from '../src/publish/topic-publisher';
import { Noted } from './contracts';

const queue = 'narrow';
const wide = 'wide';

describe('a queue at its max-length that rejects', () => {
  const log = new Logger('Messaging');
  let broker: TestBroker;
  let link: Link;
  let publisher: Publisher;

  beforeEach(async () => {
    broker = await TestBroker.create();
    for (const name of [queue, wide]) await broker.declareQueue(name, { 'x-queue-type': 'quorum' });
    link = new Link({ url: broker.amqpUrl, name: 'full queue', log });
    publisher = new Publisher({ link, log, pendingMax: 1_000 });
    link.start();
    await eventually(() => expect(publisher.isOpen).toBe(true));
  });
  afterEach(async () => {
    await publisher.stop(1_000);
    await link.stop();
    await broker.close();
  });

  const publish = async (to = queue) => {
    const messageId = v7();
    await publisher.publish({ exchange: '', routingKey: to }, Buffer.from('{}'), { messageId });
    return messageId;
  };
  const refusals = async () => {
    const error = await publish().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(PublishRefused);
  };

  it('takes messages again soon after the limit is lifted, each once', async () => {
    await broker.limitQueues(`^${queue}$`, { 'max-length': 2, overflow: 'reject-publish' });
    await eventually(refusals, { everyMs: 5 });
    await broker.unlimitQueues();
    const before = await broker.depth(queue);
    await eventually(() => publish(), { withinMs: 15_000, everyMs: 100 });
    expect(await broker.depth(queue)).toBe(before + 1);
  });

  it('costs a channel now and then, and no message that goes elsewhere', async () => {
    const other = new Publisher({ link, log, pendingMax: 1_000 });
    await eventually(() => expect(other.isOpen).toBe(true));
    const untouched = other.channel.current;
    await broker.limitQueues(`^${queue}$`, { 'max-length': 2, overflow: 'reject-publish' });
    await eventually(refusals, { everyMs: 5 });
    const channels = new Map<unknown, number>();
    let elsewhere = 0;
    while (channels.size < 3) {
      const { current } = publisher.channel;
      if (current !== undefined && !channels.has(current)) channels.set(current, Date.now());
      await Promise.all([refusals(), publish(wide)]);
      elsewhere += 1;
    }
    const [, ...replaced] = channels.values();
    const lastedMs = replaced.slice(1).map((at, index) => at - (replaced[index] ?? 0));
    for (const ms of lastedMs) expect(ms).toBeGreaterThanOrEqual(renewAfterMs);
    expect(await broker.depth(wide)).toBe(elsewhere);
    expect(other.channel.current).toBe(untouched);
    await other.stop(0);
  });

  it('gets topics again soon after the limit is lifted', async () => {
    const topics = new TopicPublisher(link, log, 'tests');
    const tell = () => topics.tell(Noted, 'note', { what: '' });
    await eventually(() => expect(tell()).toBe(true));
    await eventually(() => broker.bindQueue(queue, Noted.route.exchange, '#'));
    await broker.limitQueues(`^${queue}$`, { 'max-length': 2, overflow: 'reject-publish' });
    await eventually(refusals, { everyMs: 5 });
    // That queue's refusal has reached the channel of the topics too.
    for (let i = 0; i < 100; i += 1) tell();
    await broker.unlimitQueues();
    const before = await broker.depth(queue);
    const arrives = async () => {
      tell();
      expect(await broker.depth(queue)).toBeGreaterThan(before);
    };
    await eventually(arrives, { withinMs: 15_000, everyMs: 100 });
  });
});
