import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  DeadLetters,
  OnWork,
  Rejected,
  ReplayTooSlow,
  UnknownOperation,
  once,
  type Message,
} from '@tradepost/messaging';
import { AmqpTap, eventually } from '@tradepost/test-kit';
import { connect } from 'amqplib';
import { Bench, insertEffect } from './bench';
import { DoWork } from './contracts';

let refusing = true;
const attempts: number[] = [];

@Injectable()
class Worker {
  constructor(private readonly db: Db) {}

  @OnWork(DoWork, { retry: [] })
  async handle({ what }: DoWork, message: Message): Promise<void> {
    attempts.push(message.attempt);
    if (refusing) throw new Rejected('not_now', `not ${what} now`);
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await tx.query(insertEffect, [what]);
    });
  }
}

const queue = 'tests.do-work';
const dead = `${queue}.dead`;

describe('dead letters', () => {
  let bench: Bench;

  beforeEach(async () => {
    refusing = true;
    attempts.splice(0);
    bench = await Bench.open();
    await bench.start([Worker]);
  });
  afterEach(() => bench.close());

  const use = <T>(work: (deadLetters: DeadLetters) => Promise<T>, amqpUrl = bench.broker.amqpUrl) =>
    DeadLetters.use(
      {
        amqpUrl,
        queues: [queue, 'others.queue'],
        by: 'the test',
        contractOf: ({ type }) => (type === 'DoWork' ? DoWork : undefined),
        waitMs: 10_000,
      },
      work,
    );

  const deadLetter = async (...names: string[]) => {
    for (const what of names) await bench.broker.publish(DoWork, { what }, { messageId: what });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(names.length));
  };

  it('have a record that several may read at once, also before anything is in it', async () => {
    const readers = Array.from({ length: 8 }, async () => use((all) => all.operations()));
    expect(await Promise.all(readers)).toEqual(readers.map(() => []));
  });

  it('have a record that can be read where a broker crashes at the first who does', async () => {
    const tap = await AmqpTap.open(bench.broker.amqpUrl);
    tap.crashingOnce = 'dead-letters.audit';
    expect(await use(async (all) => all.operations(), tap.url)).toEqual([]);
    expect(tap.crashingOnce).toBeUndefined();
    await tap.close();
  });

  it('are listed by queue, code and handler, and none is gone after thirty scans', async () => {
    await deadLetter('a', 'b', 'c');
    for (let scan = 0; scan < 30; scan += 1) {
      expect(await use((deadLetters) => deadLetters.list())).toMatchObject([
        {
          queue,
          errorCode: 'not_now',
          handler: 'Worker.handle',
          count: 3,
          firstFailedAt: expect.stringMatching(/Z$/),
          lastFailedAt: expect.stringMatching(/Z$/),
        },
      ]);
    }
    expect(await bench.broker.depth(dead)).toBe(3);
  });

  it('that may not be read are not taken for none', async () => {
    await deadLetter('a');
    const read = '^(?!.*[.]dead$)';
    const blind = await bench.broker.userWith({ configure: '.*', write: '.*', read });
    const listing = use((deadLetters) => deadLetters.list(), blind);
    await expect(listing).rejects.toThrow(`read on queue "${dead}"`);
  });

  it('survive thirty clients that die while they scan', async () => {
    await deadLetter('a');
    for (let scan = 0; scan < 30; scan += 1) await scanAndDie(bench.broker.amqpUrl);
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
  });

  it('are shown with body and headers', async () => {
    await deadLetter('a');
    const [found] = await use((deadLetters) => deadLetters.show('a'));
    expect(found).toMatchObject({ id: 'a', type: 'DoWork', attempts: 1, replays: 0 });
    expect(found?.body).toBe('{"what":"a"}');
    expect(await use((deadLetters) => deadLetters.show('unknown'))).toEqual([]);
  });

  it('a replay keeps the id, counts itself and begins the tries anew', async () => {
    await deadLetter('a', 'b');
    const again = await use((deadLetters) => deadLetters.replay({ ids: ['a'] }));
    expect(again).toMatchObject({ done: 1, stayed: [] });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(2));
    const [found] = await use((deadLetters) => deadLetters.show('a'));
    expect(found).toMatchObject({ replays: 1, attempts: 1, errorCode: 'not_now' });
    expect(found?.headers).not.toHaveProperty('x-attempt');
    refusing = false;
    expect(await use((deadLetters) => deadLetters.replay({ code: 'not_now' }))).toMatchObject({
      done: 2,
    });
    await eventually(async () => expect(await bench.effects()).toEqual(['a', 'b']));
    expect(new Set(attempts)).toEqual(new Set([1]));
    expect(await use((deadLetters) => deadLetters.list())).toEqual([]);
  });

  it('a replay leaves behind what the failure wrote, and nothing else', async () => {
    await bench.stop();
    const own = { 'x-own': 'kept', traceparent: '00-1' };
    const ofFailure = { 'x-attempt': 4, 'x-error-code': 'old', 'x-first-failed-at': '2026' };
    const headers = { ...own, ...ofFailure, 'x-replays': 1 };
    await bench.broker.sendToQueue(
      dead,
      { what: 'a' },
      { messageId: 'a', type: 'DoWork', headers },
    );
    await use((deadLetters) => deadLetters.replay({}));
    const { messages } = await bench.broker.takeFrom(queue);
    await eventually(() => expect(messages).toHaveLength(1));
    expect(stable(messages[0]?.headers)).toEqual({ ...own, 'x-replays': 2 });
  });

  it('a dead letter that the audit trail has not confirmed is not taken', async () => {
    await deadLetter('a');
    const tap = await AmqpTap.open(bench.broker.amqpUrl);
    tap.cutting = '"kind":"taken"';
    const cut = use((deadLetters) => deadLetters.discard({}), tap.url).catch(
      (error: unknown) => error,
    );
    await eventually(() => expect(tap.swallowed).toBeGreaterThan(0));
    // Time for an ack to pass, if there were one.
    for (let scan = 0; scan < 5; scan += 1) expect(await bench.broker.depth(dead)).toBe(0);
    await tap.close();
    expect(await cut).toBeInstanceOf(Error);
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
  });

  it('an undone replay puts the dead letters back as they were, and the inbox absorbs the next', async () => {
    await deadLetter('a');
    const [before] = await use((deadLetters) => deadLetters.show('a'));
    refusing = false;
    const { operation } = await use((deadLetters) => deadLetters.replay({ queue: dead }));
    await eventually(async () => expect(await bench.effects()).toEqual(['a']));
    expect(await use((deadLetters) => deadLetters.undo(operation))).toMatchObject({
      done: 1,
      stayed: [],
    });
    expect(await use((deadLetters) => deadLetters.undo(operation))).toMatchObject({
      done: 0,
      stayed: [],
    });
    const [after] = await use((deadLetters) => deadLetters.show('a'));
    expect({ ...after, headers: stable(after?.headers) }).toEqual({
      ...before,
      headers: stable(before?.headers),
    });
    await use((deadLetters) => deadLetters.replay({}));
    await eventually(() => expect(attempts).toHaveLength(3));
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(0));
    expect(await bench.effects()).toEqual(['a']);
  });

  it('what was discarded is gone until it is undone; every action is on record', async () => {
    await deadLetter('a', 'b');
    const { operation } = await use((deadLetters) => deadLetters.discard({ ids: ['b'] }));
    expect(await use((deadLetters) => deadLetters.show('b'))).toEqual([]);
    const undone = await use((deadLetters) => deadLetters.undo(operation));
    expect(await use((deadLetters) => deadLetters.show('b'))).toHaveLength(1);
    expect(await use((deadLetters) => deadLetters.operations())).toEqual([
      expect.objectContaining({ operation, action: 'discard', by: 'the test', taken: 1, done: 1 }),
      expect.objectContaining({
        operation: undone.operation,
        action: 'undo',
        of: operation,
        done: 1,
      }),
    ]);
    // Of a queue that it has nothing of it makes none.
    await expect(bench.broker.depth('others.queue.dead')).rejects.toThrow('NOT_FOUND');
    for (const unknown of [9_999, 0]) {
      const undoing = use((deadLetters) => deadLetters.undo(unknown));
      await expect(undoing).rejects.toThrow(UnknownOperation);
    }
  });

  it('an undo puts back what that operation took, and nothing that a later one did', async () => {
    await deadLetter('a', 'b');
    const { operation } = await use((deadLetters) => deadLetters.discard({ ids: ['a'] }));
    await use((deadLetters) => deadLetters.discard({ ids: ['b'] }));
    await bench.broker.deleteQueue(dead);
    expect(await use((deadLetters) => deadLetters.undo(operation))).toMatchObject({ done: 1 });
    expect(await use((deadLetters) => deadLetters.list())).toMatchObject([{ count: 1 }]);
    expect(await use((deadLetters) => deadLetters.show('a'))).toHaveLength(1);
    const elsewhere = { amqpUrl: bench.broker.amqpUrl, queues: ['others.queue'], by: 'another' };
    const others = await DeadLetters.use(
      { ...elsewhere, contractOf: () => undefined, waitMs: 10_000 },
      async (deadLetters) => deadLetters.operations(),
    );
    expect(others.filter(({ action }) => action !== 'undo')).toEqual([]);
  });

  it('two that came without an id and say the same are two: discarded, put back, replayed', async () => {
    const twin = { type: 'DoWork', messageId: undefined };
    for (let i = 0; i < 2; i += 1) await bench.broker.sendToQueue(dead, { what: 'twin' }, twin);
    const { operation, done } = await use((deadLetters) => deadLetters.discard({}));
    expect(done).toBe(2);
    expect(await use((deadLetters) => deadLetters.undo(operation))).toMatchObject({
      done: 2,
      stayed: [],
    });
    expect(await use((deadLetters) => deadLetters.undo(operation))).toMatchObject({
      done: 0,
      stayed: [],
    });
    expect(await use((deadLetters) => deadLetters.list())).toMatchObject([{ count: 2 }]);
    refusing = false;
    expect(await use((deadLetters) => deadLetters.replay({}))).toMatchObject({ done: 2 });
    await eventually(async () => expect(await bench.effects()).toEqual(['twin', 'twin']));
  });

  it('a dry run says what today’s contract refuses, and changes nothing', async () => {
    await deadLetter('good');
    await bench.broker.sendToQueue(queue, { what: 7 }, { messageId: 'bad', type: 'DoWork' });
    await bench.broker.sendToQueue(queue, { what: 7 }, { messageId: 'strange', type: 'Strange' });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(3));
    expect(await use((deadLetters) => deadLetters.preview({}))).toEqual({
      wouldSend: 3,
      invalid: [{ id: 'bad', queue, problem: expect.stringContaining('/what') }],
      unchecked: 1,
    });
    expect(await bench.broker.depth(dead)).toBe(3);
  });

  it('a dead letter whose queue is gone stays', async () => {
    await deadLetter('a');
    await bench.stop();
    await bench.broker.deleteQueue(queue);
    const result = await use((deadLetters) => deadLetters.replay({}));
    expect(result).toMatchObject({ done: 0, stayed: [{ id: 'a', problem: expect.any(String) }] });
    expect(await bench.broker.depth(dead)).toBe(1);
  });

  it('a dead letter that its queue has no room for stays', async () => {
    await deadLetter('a', 'b', 'c', 'd');
    await bench.stop();
    await bench.broker.limitQueues(`^${queue}$`, { 'max-length': 1, overflow: 'reject-publish' });
    let before = 0;
    // The limit of a quorum queue is not sharp.
    const filled = async () => {
      for (;;) {
        await bench.broker.sendToQueue(queue, {});
        before += 1;
      }
    };
    await expect(filled()).rejects.toThrow();
    const { done, stayed } = await use((deadLetters) => deadLetters.replay({}));
    expect(stayed[0]?.problem).toContain('refused by the broker');
    expect(done + stayed.length).toBe(4);
    expect(await bench.broker.depth(dead)).toBe(stayed.length);
    expect(await bench.broker.depth(queue)).toBe(before + done);
  });

  it('come in pages, by queue and id, with their bodies', async () => {
    await deadLetter('d', 'b', 'e', 'a', 'c');
    await bench.broker.publish(DoWork, { what: 'copy' }, { messageId: 'b' });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(6));
    const page = async (id?: string) =>
      use((deadLetters) => deadLetters.page({}, id === undefined ? undefined : { queue, id }, 2));
    const ids = async (id?: string) => (await page(id)).map((one) => one.id);
    expect([await ids(), await ids('b'), await ids('d'), await ids('e')]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
      [],
    ]);
    expect(await page()).toMatchObject([{ queue, errorCode: 'not_now', body: '{"what":"a"}' }, {}]);
  });

  it('a replay goes no faster than it is told, and does not begin where that takes too long', async () => {
    await deadLetter('a', 'b', 'c', 'd');
    refusing = false;
    const slow = use((deadLetters) => deadLetters.replay({}, { rate: 4, secondsMax: 0.9 }));
    await expect(slow).rejects.toThrow(ReplayTooSlow);
    const startedAt = performance.now();
    await use((deadLetters) => deadLetters.replay({}, { rate: 4, secondsMax: 1 }));
    expect(performance.now() - startedAt).toBeGreaterThan(700);
    await eventually(async () => expect(await bench.effects()).toHaveLength(4));
  });

  it('two who scan at the same time both see everything', async () => {
    await deadLetter('a', 'b', 'c');
    const lists = await Promise.all([1, 2, 3].map(() => use((deadLetters) => deadLetters.list())));
    expect(lists.map(([group]) => group?.count)).toEqual([3, 3, 3]);
  });

  it('what the broker gave up is listed with its reason', async () => {
    await bench.stop();
    for (let death = 0; death <= 20; death += 1)
      await scanAndDie(bench.broker.amqpUrl, queue, death);
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
    const [group] = await use((deadLetters) => deadLetters.list());
    expect(group).toMatchObject({ queue, errorCode: 'delivery_limit', handler: '-', count: 1 });
    const { operation } = await use((deadLetters) => deadLetters.discard({}));
    await use((deadLetters) => deadLetters.undo(operation));
    expect(await use((deadLetters) => deadLetters.list())).toEqual([group]);
  });

  /** A client that takes a message and dies. */
  async function scanAndDie(url: string, from = dead, death = 1): Promise<void> {
    if (death === 0) await bench.broker.publish(DoWork, { what: 'deadly' });
    // Without heartbeats: their timer would outlive the socket that is destroyed.
    const model = await connect(`${url}?heartbeat=0`);
    model.on('error', () => undefined);
    const channel = await model.createChannel();
    await channel.prefetch(1);
    const got = new Promise((resolve) => void channel.consume(from, resolve));
    if (await Promise.race([got.then(() => true), emptied(bench, from)])) {
      (model.connection as unknown as { stream: { destroy(): void } }).stream.destroy();
    }
  }
});

/** Headers but those by which the broker counts deliveries. */
function stable(headers: Record<string, unknown> = {}): Record<string, unknown> {
  const { 'x-delivery-count': _, 'x-acquired-count': __, ...rest } = headers;
  return rest;
}

async function emptied(bench: Bench, from: string): Promise<true> {
  if (from === dead) return new Promise(() => undefined);
  await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1), {
    withinMs: 60_000,
  });
  return true;
}
