import { DeadLetters } from '@tradepost/messaging';
import { AmqpTap, eventually, TcpTap, TestBroker } from '@tradepost/test-kit';
import { connect, type ChannelModel } from 'amqplib';
import { AuditTrail, operationsOf } from '../src/dead-letters/audit-trail';
import { ConfirmedPublisher } from '../src/dead-letters/confirmed-publisher';
import { Operation, OperationInterrupted, type Tools } from '../src/dead-letters/operation';
import { DeadLettersBusy } from '../src/dead-letters/operators-lock';
import { Tally } from '../src/dead-letters/scan';
import { undoOperation } from '../src/dead-letters/undo';
import { openConnection } from '../src/connection/connect';
import { deadQueueShape } from '../src/handlers/handler';
import { Declarations } from '../src/topology/declarations';
import { declare, onChannel } from '../src/topology/topology';

const trailName = 'dead-letters.audit';

describe('operators of dead letters', () => {
  let broker: TestBroker;
  let model: ChannelModel;
  let queue: string;
  let dead: string;
  let count = 0;

  beforeAll(async () => {
    broker = await TestBroker.create();
    model = await openConnection(broker.amqpUrl, 'operators');
  });
  afterAll(async () => {
    await model.close();
    await broker.close();
  });
  beforeEach(async () => {
    queue = `tests.queue-${(count += 1)}`;
    dead = `${queue}.dead`;
    await broker.declareQueue(queue, { 'x-queue-type': 'quorum' });
    await onChannel(model, (channel) => declare(channel, { queues: [deadQueueShape(dead)] }));
  });

  const use = <T>(
    work: (deadLetters: DeadLetters) => Promise<T>,
    { amqpUrl = broker.amqpUrl, waitMs = 10_000 } = {},
  ) => {
    const common = { queues: [queue], by: 'the test', contractOf: () => undefined };
    return DeadLetters.use({ ...common, amqpUrl, waitMs }, work);
  };
  const deadLetter = async (...ids: string[]) => {
    for (const messageId of ids) await broker.sendToQueue(dead, { is: messageId }, { messageId });
  };
  const tools = async (given?: ConfirmedPublisher): Promise<Tools> => {
    const publisher = given ?? (await ConfirmedPublisher.open(model));
    const parts = { model, publisher, declarations: new Declarations() };
    return { ...parts, trail: await AuditTrail.open(parts, async () => connect(broker.amqpUrl)) };
  };

  it('who begin at the same time get an operation each', async () => {
    const { trail } = await tools();
    const begun = [1, 2, 3].map(() => trail.begin({ action: 'read', by: 'the test' }));
    const [first = 0, ...others] = (await Promise.all(begun)).sort((a, b) => a - b);
    expect(first).toBeGreaterThan(0);
    expect(others).toEqual([first + 1, first + 2]);
  });

  it('wait for one another no longer than they want, and hold nothing when they are done', async () => {
    await use(async (deadLetters) => {
      await deadLetters.list();
      // Its connection is still there.
      expect(await use((others) => others.list(), { waitMs: 0 })).toEqual([]);
    });
    const holder = await connect(broker.amqpUrl);
    const channel = await holder.createChannel();
    await channel.assertQueue('dead-letters.lock', { exclusive: true });
    const patient = use((deadLetters) => deadLetters.list());
    const waiting = use((deadLetters) => deadLetters.list(), { waitMs: 100 });
    await expect(waiting).rejects.toThrow(DeadLettersBusy);
    await holder.close();
    expect(await patient).toEqual([]);
  });

  it('leave no connection', async () => {
    const tap = await TcpTap.open(broker.amqpUrl);
    try {
      await use((deadLetters) => deadLetters.operations(), { amqpUrl: tap.url });
      // One that scans, one that publishes, and one for each reading of the audit trail.
      expect(tap.opened).toBe(4);
      await eventually(() => expect(tap.silence()).toBe(0));
    } finally {
      await tap.close();
    }
  });

  it('do not take for done what the broker does not confirm in time', async () => {
    await deadLetter('a', 'b');
    const tap = await AmqpTap.open(broker.amqpUrl);
    try {
      const publishing = await openConnection(tap.url, 'operators');
      const given = await tools(await ConfirmedPublisher.open(publishing));
      const operation = await given.trail.begin({ action: 'discard', by: 'the test' });
      const left = await Tally.of(model, dead);
      tap.freeze();
      jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'queueMicrotask', 'setImmediate'] });
      const round = new Operation({ ...given, operation, action: 'discard' }).round(dead, left);
      const interrupted = expect(round).rejects.toThrow(OperationInterrupted);
      while (jest.getTimerCount() === 0) await new Promise(setImmediate);
      jest.advanceTimersByTime(10_000);
      await interrupted;
      expect(await broker.depth(dead)).toBe(2);
    } finally {
      jest.useRealTimers();
      await tap.close();
    }
  });

  it('undo no more of it either', async () => {
    await deadLetter('cut-here');
    const { operation } = await use((deadLetters) => deadLetters.discard({}));
    const tap = await AmqpTap.open(broker.amqpUrl);
    try {
      const publishing = await openConnection(tap.url, 'operators');
      const given = await tools(await ConfirmedPublisher.open(publishing));
      tap.cutting = '"cut-here"';
      jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'queueMicrotask', 'setImmediate'] });
      const undone = undoOperation(given, 'the test', [dead], operation);
      const interrupted = expect(undone).rejects.toThrow(OperationInterrupted);
      while (tap.swallowed === 0) await new Promise(setImmediate);
      jest.advanceTimersByTime(10_000);
      await interrupted;
    } finally {
      jest.useRealTimers();
      await tap.close();
    }
  });

  it.each([
    ['write', { write: '^(?!amq[.]default$)' }, 'write on exchange "amq.default"'],
    ['take the lock', { configure: '^(?!dead-letters[.]lock$)' }, '"dead-letters.lock"'],
    ['read the trail', { read: `^(?!${trailName}$)` }, `read on queue "${trailName}"`],
  ])('who may not %s are told so, and nothing is taken', async (_what, allowed, lacking) => {
    await deadLetter('a');
    const all = { configure: '.*', write: '.*', read: '.*' };
    const amqpUrl = await broker.userWith({ ...all, ...allowed });
    const replaying = use((deadLetters) => deadLetters.replay({}), { amqpUrl });
    await expect(replaying).rejects.toThrow(lacking);
    expect([await broker.depth(dead), await broker.depth(queue)]).toEqual([1, 0]);
  });

  it('take, put back and replay more than fit in one window, each once', async () => {
    const ids = Array.from({ length: 600 }, (_, n) => `m${n}`);
    const channel = await model.createConfirmChannel();
    for (const messageId of ids) channel.sendToQueue(dead, Buffer.from('{}'), { messageId });
    await channel.waitForConfirms();
    await channel.close();
    const { operation, done } = await use((deadLetters) => deadLetters.discard({}));
    expect([done, await broker.depth(dead)]).toEqual([ids.length, 0]);
    expect(await use((deadLetters) => deadLetters.undo(operation))).toMatchObject({ done });
    expect(await broker.depth(dead)).toBe(ids.length);
    expect(await use((deadLetters) => deadLetters.replay({}))).toMatchObject({ done, stayed: [] });
    const { messages } = await broker.takeFrom(queue);
    await eventually(() => expect(messages).toHaveLength(ids.length));
    const seen = messages.map(({ properties }) => String(properties.messageId));
    expect(seen.sort()).toEqual(ids.sort());
    expect(await broker.depth(dead)).toBe(0);
    const listed = await use((deadLetters) => deadLetters.operations());
    expect(listed.map(({ action, taken }) => [action, taken]).slice(-3)).toEqual([
      ['discard', done],
      ['undo', 0],
      ['replay', done],
    ]);
  });

  it('replay a dead letter as it is, or with content of their own, which is not encoded', async () => {
    const gzip = { type: 'T', contentEncoding: 'gzip' };
    await broker.sendToQueue(dead, 'packed', { messageId: 'a', ...gzip });
    await broker.sendToQueue(dead, 'packed', { messageId: 'b', ...gzip });
    const replay = async (id: string, content?: Buffer) =>
      use((deadLetters) => deadLetters.replay({ ids: [id] }, { content }));
    await replay('a');
    await replay('b', Buffer.from('"plain"'));
    const { messages } = await broker.takeFrom(queue);
    await eventually(() => expect(messages).toHaveLength(2));
    expect(messages.map(({ body }) => body)).toEqual(['packed', 'plain']);
    const encodings = messages.map(({ properties }) => properties.contentEncoding as unknown);
    expect(encodings).toEqual(['gzip', undefined]);
  });

  it('who replay slowly do one after the other, and hold few meanwhile', async () => {
    await deadLetter('a', 'b');
    const slow = { rate: 0.05 };
    const one = await use((deadLetters) => deadLetters.replay({ ids: ['a'] }, slow));
    expect(one).toMatchObject({ done: 1 });
    await deadLetter('c');
    const given = await tools();
    const operation = await given.trail.begin({ action: 'replay', by: 'the test' });
    const left = await Tally.of(model, dead);
    const replay = new Operation({ ...given, operation, action: 'replay', rate: 0.2 });
    expect([await replay.round(dead, left), left.total]).toEqual([1, 1]);
    expect(await broker.depth(dead)).toBe(1);
    expect(await replay.round('none.dead', left)).toBe(0);
  });

  it('read no trail that the broker takes away, or that is silent', async () => {
    const { trail } = await tools();
    const endless = async () => trail.read(1, Infinity, () => undefined);
    let now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => (now += 6_000));
    await expect(endless())
      .rejects.toThrow('does not answer')
      .finally(() => clock.mockRestore());
    const cancelled = expect(endless()).rejects.toThrow('cancelled by the broker');
    await trail.begin({ action: 'read', by: 'the test' });
    await broker.deleteQueue(trailName);
    await cancelled;
  });

  it('see what is left of a trail whose beginning is forgotten', async () => {
    const { trail } = await tools();
    const lost = { operation: 0, id: 'a', deadQueue: dead, properties: '', content: '' };
    await trail.write({ kind: 'taken', ...lost });
    await trail.write({ kind: 'end', operation: 0, done: 1, stayed: 0 });
    const operation = await trail.begin({ action: 'undo', by: 'the test', of: 7 });
    await operationsOf(trail, 'another', [dead]);
    const listed = await operationsOf(trail, 'another', [dead]);
    expect(listed.at(-1)).toMatchObject({ operation, action: 'undo', by: 'the test', taken: 0 });
  });
});
