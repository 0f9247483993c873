import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  OnFanout,
  OnWork,
  Rejected,
  once,
  send,
  type Message,
  type Failed,
  type Received,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { connect } from 'amqplib';
import { v7 } from 'uuid';
import { Bench, insertEffect, inSimpleMode } from './bench';
import { DoWork, Happened } from './contracts';

const done: string[] = [];
const tries: (Pick<Message, 'id' | 'attempt' | 'isLastAttempt'> & { what: string })[] = [];

@Injectable()
class Worker {
  constructor(private readonly db: Db) {}

  @OnWork(DoWork, { retry: ['1s', '1s'] })
  async handle({ what }: DoWork, message: Message): Promise<void> {
    const { id, attempt, isLastAttempt } = message;
    tries.push({ what, id, attempt, isLastAttempt });
    if (what === 'always fails') throw new Error('out of luck');
    if (what === 'fails once' && message.attempt === 1) throw new Error('not yet');
    if (what === 'refused') throw new Rejected('not_wanted', 'we do not do this');
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await tx.query(insertEffect, [what]);
    });
    done.push(what);
  }
}

const batches: string[][] = [];
let opened = Promise.resolve();

/** Holds the listener's calls until it is opened. */
function gate(): { open: () => void } {
  let open = (): void => undefined;
  opened = new Promise((resolve) => (open = resolve));
  return { open };
}

@Injectable()
class BatchListener {
  constructor(private readonly db: Db) {}

  @OnFanout(Happened, { batch: { size: 10 }, retry: [] })
  async handle(batch: Received<Happened>[]): Promise<Failed[]> {
    await opened;
    batches.push(batch.map(({ body }) => body.what));
    const failed: Failed[] = [];
    await this.db.transaction(async (tx) => {
      for (const { body, message } of batch) {
        if (body.what === 'bad') throw new Error('one bad apple');
        else if (body.what === 'refuse')
          failed.push({ message, error: new Rejected('not_wanted') });
        else if (body.what === 'later') failed.push({ message, error: new Error('not yet') });
        else await tx.query(insertEffect, [body.what]);
      }
    });
    return failed;
  }
}

describe('what happens to a message that fails', () => {
  let bench: Bench;
  /** Warnings and errors. */
  const lines: [message: unknown, data?: Partial<Record<string, unknown>>][] = [];

  beforeAll(async () => {
    bench = await Bench.open();
    const note = (...line: [string, object]) => lines.push(line);
    const log = { log: () => undefined, warn: note, error: note };
    await bench.start([Worker, BatchListener], { log });
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    tries.splice(0);
    batches.splice(0);
    lines.splice(0);
  });

  const queue = 'tests.do-work';
  const dead = async (messageId: string, from = queue) =>
    eventually(async () => {
      const deadLetters = await bench.broker.deadLetters(from);
      const deadLetter = deadLetters.find(({ properties }) => properties.messageId === messageId);
      if (deadLetter === undefined) throw new Error(`${messageId} is not among the dead letters`);
      return deadLetter;
    });

  it('a throwing handler is tried again on the tiers, then dead-lettered with its reason', async () => {
    const id = await bench.db.transaction((tx) => send(tx, DoWork, { what: 'always fails' }));
    const deadLetter = await dead(id);
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(tries.map(({ isLastAttempt }) => isLastAttempt)).toEqual([false, false, true]);
    expect(new Set(tries.map((one) => one.id))).toEqual(new Set([id]));
    expect(deadLetter.body).toEqual({ what: 'always fails' });
    expect(deadLetter.headers).toMatchObject({
      'x-error-code': 'error',
      'x-error-message': 'out of luck',
      'x-handler': 'Worker.handle',
      'x-attempts': 3,
      'x-first-failed-at': expect.stringMatching(/Z$/),
      'x-last-failed-at': expect.stringMatching(/Z$/),
      'cloudEvents:id': id,
    });
    const { 'x-first-failed-at': first, 'x-last-failed-at': last } = deadLetter.headers;
    expect(Date.parse(String(last)) - Date.parse(String(first))).toBeGreaterThanOrEqual(2_000);
  });

  it('each failure is logged with its stack; a refusal, which is meant, without', async () => {
    const told = (messageId: string) => {
      const all = lines.filter(([, data]) => data?.messageId === messageId);
      return all.map(([message, { error, stack } = {}]) => [message, error, stack]);
    };
    const failing = await bench.db.transaction((tx) => send(tx, DoWork, { what: 'always fails' }));
    const refused = await bench.db.transaction((tx) => send(tx, DoWork, { what: 'refused' }));
    await Promise.all([dead(failing), dead(refused)]);

    const stack = expect.stringMatching(
      /^Error: out of luck\n +at Worker\.handle \(.*failures\.int\.spec\.ts:\d+:\d+\)/,
    );
    const failure = ['message failed', 'Error: out of luck', stack];
    const last = ['message dead-lettered', 'Error: out of luck', stack];
    await eventually(() => expect(told(failing)).toEqual([failure, failure, last]));
    const meant = ['message dead-lettered', 'Rejected: we do not do this', undefined];
    expect(told(refused)).toEqual([meant]);
  });

  it('a dead letter that is moved back to its queue has all its tries again', async () => {
    const id = await bench.db.transaction((tx) => send(tx, DoWork, { what: 'always fails' }));
    const { body, properties, headers } = await dead(id);
    tries.splice(0);
    await bench.broker.sendToQueue(queue, body, { messageId: properties.messageId, headers });
    await eventually(() => expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]));
  });

  it('a dead letter stays, however often it is read and put back', async () => {
    const id = await bench.db.transaction((tx) => send(tx, DoWork, { what: 'refused' }));
    const reader = await connect(bench.broker.amqpUrl);
    const channel = await reader.createChannel();
    let reads = 0;
    const read = async () => {
      const deadLetter = await channel.get(`${queue}.dead`);
      if (deadLetter === false) return;
      channel.reject(deadLetter, true);
      reads += 1;
    };
    await eventually(async () => read().then(() => expect(reads).toBe(100)), {
      everyMs: 5,
      withinMs: 20_000,
    });
    await reader.close();
    expect((await dead(id)).body).toEqual({ what: 'refused' });
  });

  it('a handler that succeeds at the second try leaves nothing behind', async () => {
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'fails once' }));
    await eventually(async () => expect(await bench.effects()).toContain('fails once'));
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await bench.broker.depth(queue)).toBe(0);
  });

  it('Rejected is dead-lettered at once, with its code', async () => {
    const id = await bench.db.transaction((tx) => send(tx, DoWork, { what: 'refused' }));
    const deadLetter = await dead(id);
    expect(tries).toHaveLength(1);
    expect(deadLetter.headers).toMatchObject({
      'x-error-code': 'not_wanted',
      'x-error-message': 'we do not do this',
      'x-attempts': 1,
    });
  });

  it('bad JSON is dead-lettered at once, byte for byte, and no handler sees it', async () => {
    const messageId = v7();
    await bench.broker.sendToQueue(queue, Buffer.from('{"what": '), { messageId });
    const deadLetter = await dead(messageId);
    expect(deadLetter.body).toBe('{"what": ');
    expect(deadLetter.headers).toMatchObject({ 'x-error-code': 'bad_json', 'x-attempts': 1 });
    expect(tries).toHaveLength(0);
  });

  it.each([
    ['null', null],
    ['zero', 0],
    ['a text', 'hello'],
    ['a list', [{ what: 'x' }]],
  ])('%s instead of an object is dead-lettered at once', async (_, content) => {
    const messageId = v7();
    await bench.broker.sendToQueue(queue, content, { messageId });
    expect((await dead(messageId)).headers).toMatchObject({ 'x-error-code': 'bad_json' });
    expect(tries).toHaveLength(0);
  });

  it('an invalid body is dead-lettered at once, saying which field', async () => {
    const messageId = v7();
    await bench.broker.sendToQueue(queue, { what: 7 }, { messageId });
    const deadLetter = await dead(messageId);
    expect(deadLetter.headers['x-error-code']).toBe('invalid_body');
    expect(deadLetter.headers['x-error-message']).toContain('/what');
    expect(tries).toHaveLength(0);
  });

  it('a message without an id is dead-lettered at once: its copies would not be known', async () => {
    const client = await connect(bench.broker.amqpUrl);
    const channel = await client.createConfirmChannel();
    channel.sendToQueue(queue, Buffer.from('{"what": "anonymous"}'));
    await channel.waitForConfirms();
    await client.close();
    const deadLetter = await eventually(async () => {
      const deadLetters = await bench.broker.deadLetters(queue);
      const found = deadLetters.find(
        ({ headers }) => headers['x-error-code'] === 'missing_message_id',
      );
      if (found === undefined) throw new Error('it is not among the dead letters');
      return found;
    });
    expect(deadLetter.body).toEqual({ what: 'anonymous' });
    expect(tries).toHaveLength(0);
    // With the id that it got there a replay has one effect.
    const { messageId } = deadLetter.properties;
    await bench.broker.sendToQueue(queue, deadLetter.body, { messageId });
    await bench.broker.sendToQueue(queue, deadLetter.body, { messageId });
    await eventually(() => expect(done.filter((what) => what === 'anonymous')).toHaveLength(2));
    expect((await bench.effects()).filter((note) => note === 'anonymous')).toHaveLength(1);
  });

  it('a field the contract does not know is dropped, not refused', async () => {
    await bench.broker.sendToQueue(queue, { what: 'newer sender', colour: 'blue' });
    await eventually(async () => expect(await bench.effects()).toContain('newer sender'));
  });

  it('ten copies of one message have one effect', async () => {
    const messageId = v7();
    const copies = Array.from({ length: 10 }, () =>
      bench.broker.sendToQueue(queue, { what: 'once only' }, { messageId }),
    );
    await Promise.all(copies);
    await eventually(() => expect(done.filter((what) => what === 'once only')).toHaveLength(10));
    expect((await bench.effects()).filter((note) => note === 'once only')).toHaveLength(1);
  });

  inSimpleMode('a deleted dead-letter queue and a deleted tier are made again', async () => {
    await bench.broker.deleteQueue(`${queue}.dead`);
    await bench.broker.deleteQueue('retry.1s');
    const refused = await bench.db.transaction((tx) => send(tx, DoWork, { what: 'refused' }));
    await dead(refused);
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'fails once' }));
    await eventually(() => {
      const attempts = tries.filter(({ what }) => what === 'fails once');
      expect(attempts.map(({ attempt }) => attempt)).toContain(2);
    });
  });

  inSimpleMode('messages whose queue is gone block no others in a tier', async () => {
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'always fails' }));
    await eventually(() => expect(tries.length).toBeGreaterThan(1));
    const client = await connect(bench.broker.amqpUrl);
    const channel = await client.createConfirmChannel();
    for (let i = 0; i < 40; i += 1) channel.publish('retry.1s', 'gone', Buffer.from('{}'));
    await channel.waitForConfirms();
    await client.close();
    await eventually(async () => expect(await bench.broker.depth('retry.1s')).toBe(0));
    const id = await bench.db.transaction((tx) => send(tx, DoWork, { what: 'fails once' }));
    await eventually(() => {
      const attempts = tries.filter((one) => one.id === id).map(({ attempt }) => attempt);
      expect(attempts).toEqual([1, 2]);
    });
    expect(await bench.broker.depth('retry.unroutable')).toBe(40);
  });

  it('a batch with one bad message: only that one fails', async () => {
    const whats = ['a', 'b', 'bad', 'c', 'd'];
    const ids = await bench.db.transaction(async (tx) => {
      const sent: string[] = [];
      for (const what of whats) sent.push(await send(tx, Happened, { what }));
      return sent;
    });
    const deadLetter = await dead(ids[2] ?? '', 'tests.happened');
    expect(deadLetter.body).toEqual({ what: 'bad' });
    await eventually(async () => {
      expect(await bench.effects()).toEqual(expect.arrayContaining(['a', 'b', 'c', 'd']));
    });
    expect(await bench.broker.deadLetters('tests.happened')).toHaveLength(1);
    expect(await bench.broker.depth('tests.happened')).toBe(0);
  });

  it('a batch is what gathered while the one before ran, up to its size', async () => {
    const held = gate();
    const whats = Array.from({ length: 16 }, (_, i) => `t${i}`);
    for (const what of whats) await bench.broker.publish(Happened, { what });
    await eventually(async () => expect(await bench.broker.depth('tests.happened')).toBe(0));
    held.open();
    await eventually(() => expect(batches.flat().sort()).toEqual(whats.sort()));
    const sizes = batches.map((batch) => batch.length);
    expect(sizes.slice(1)).toContain(10);
    expect(Math.max(...sizes)).toBe(10);
  });

  it('a message that a batch names as failed leaves it; the others are done in one call', async () => {
    const held = gate();
    const whats = ['first', 'x', 'refuse', 'y', 'later', 'z'];
    for (const what of whats) await bench.broker.publish(Happened, { what });
    await eventually(async () => expect(await bench.broker.depth('tests.happened')).toBe(0));
    held.open();
    await eventually(async () => {
      expect(await bench.effects()).toEqual(expect.arrayContaining(['first', 'x', 'y', 'z']));
      const codes = (await bench.broker.deadLetters('tests.happened')).map(
        ({ properties }) => (properties.headers as Record<string, unknown>)['x-error-code'],
      );
      expect(codes).toEqual(expect.arrayContaining(['not_wanted', 'error']));
    });
    expect(batches.flat().sort()).toEqual(whats.sort());
  });
});
