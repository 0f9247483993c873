import { DeadLetters } from '@tradepost/messaging';
import { eventually, provideBroker, TestBroker, type Broker } from '@tradepost/test-kit';
import { connect } from 'amqplib';
import { deadQueueShape } from '../src/handlers/handler';
import { declare } from '../src/topology/topology';

const queue = 'tests.do-work';
const dead = `${queue}.dead`;

describe('dead letters of a broker that is stopped, started and short of memory', () => {
  let server: Broker;
  let broker: TestBroker;

  beforeAll(async () => {
    // One of its own: other suites need theirs.
    server = await provideBroker({ own: true });
    const { url: amqpUrl, managementUrl } = server;
    broker = await TestBroker.create({ amqpUrl, managementUrl });
    const model = await connect(broker.amqpUrl);
    const channel = await model.createChannel();
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await declare(channel, { queues: [deadQueueShape(dead)] });
    await model.close();
    for (const messageId of ['a', 'b', 'c']) {
      await broker.sendToQueue(dead, { what: messageId }, { messageId });
    }
  }, 120_000);
  afterAll(async () => {
    await broker?.close();
    await server?.stop();
  });

  const use = <T>(work: (deadLetters: DeadLetters) => Promise<T>) => {
    const common = { queues: [queue], by: 'the test', contractOf: () => undefined };
    return DeadLetters.use({ ...common, amqpUrl: broker.amqpUrl, waitMs: 10_000 }, work);
  };

  it('moves what it moved out of a retry tier too early again soon', async () => {
    const setting = 'application:get_env(rabbit, dead_letter_worker_publisher_confirm_timeout).';
    expect((await server.control('eval', setting)).trim()).toBe('{ok,10000}');
  });

  it('what was done to them is still on record, and can still be undone', async () => {
    const replayed = await use((deadLetters) => deadLetters.replay({ ids: ['a'] }));
    const discarded = await use((deadLetters) => deadLetters.discard({ ids: ['b'] }));
    const before = await use((deadLetters) => deadLetters.operations());
    expect(before.map(({ action, done }) => [action, done])).toEqual([
      ['replay', 1],
      ['discard', 1],
    ]);

    await server.halt();
    await server.resume();

    expect(await eventually(() => use((deadLetters) => deadLetters.operations()))).toEqual(before);
    const undone = await use((deadLetters) => deadLetters.undo(discarded.operation));
    expect(undone).toMatchObject({ done: 1, stayed: [] });
    expect(undone.operation).toBeGreaterThan(discarded.operation);
    expect(await use((deadLetters) => deadLetters.undo(replayed.operation))).toMatchObject({
      done: 1,
    });
    for (const id of ['a', 'b', 'c']) {
      const found = await use((deadLetters) => deadLetters.show(id));
      expect(found).toMatchObject([{ id, body: JSON.stringify({ what: id }) }]);
    }
    expect(await broker.depth(queue)).toBe(1);
  }, 120_000);

  it('a replay gives up under a memory alarm, releases the lock and loses nothing', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `${i}`);
    for (const messageId of names) await broker.sendToQueue(dead, {}, { messageId });
    const before = await broker.depth(queue);
    const replaying = use((deadLetters) => deadLetters.replay({ ids: names }, { rate: 1 })).catch(
      (error: unknown) => error,
    );
    await eventually(async () => expect(await broker.depth(queue)).toBeGreaterThan(before));
    await server.control('set_vm_memory_high_watermark', '0.00001');
    try {
      expect(await eventually(() => replaying, { withinMs: 60_000 })).toMatchObject({
        name: 'OperationInterrupted',
        message: expect.stringMatching(/did not confirm .* within 10000 ms/),
      });
      // The lock is free: a scan needs it.
      const waiting = await use((deadLetters) => deadLetters.list({}));
      expect(waiting).toMatchObject([{ queue, count: expect.any(Number) }]);
    } finally {
      await server.control('set_vm_memory_high_watermark', '0.4');
    }
    await eventually(() => use((deadLetters) => deadLetters.replay({ ids: names })));
    const { messages } = await broker.takeFrom(queue);
    const received = () =>
      new Set(messages.map(({ properties }) => properties.messageId as string));
    await eventually(() => expect([...received()]).toEqual(expect.arrayContaining(names)));
    expect(await use((deadLetters) => deadLetters.list({ ids: names }))).toEqual([]);
  }, 120_000);
});
