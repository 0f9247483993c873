import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  DeadLetters,
  OnWork,
  Rejected,
  ReplayTooSlow,
  UnknownBatch,
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

  const use = <T>(work: (letters: DeadLetters) => Promise<T>, amqpUrl = bench.broker.amqpUrl) =>
    DeadLetters.use(
      {
        amqpUrl,
        queues: [queue, 'nobody.has-this'],
        by: 'the test',
        contractOf: ({ type }) => (type === 'DoWork' ? DoWork : undefined),
        waitMs: 10_000,
      },
      work,
    );

  const bury = async (...names: string[]) => {
    for (const what of names) await bench.broker.publish(DoWork, { what }, { messageId: what });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(names.length));
  };

  it('are listed by queue, code and handler, and none is gone after thirty looks', async () => {
    await bury('a', 'b', 'c');
    for (let look = 0; look < 30; look += 1) {
      expect(await use((letters) => letters.list())).toEqual([
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

  it('survive thirty lookers that die while they look', async () => {
    await bury('a');
    for (let look = 0; look < 30; look += 1) await lookAndDie(bench.broker.amqpUrl);
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
  });

  it('are shown with body and headers', async () => {
    await bury('a');
    const [letter] = await use((letters) => letters.show('a'));
    expect(letter).toMatchObject({ id: 'a', type: 'DoWork', attempts: 1, replays: 0 });
    expect(letter?.body).toBe('{"what":"a"}');
    expect(await use((letters) => letters.show('unknown'))).toEqual([]);
  });

  it('a replay keeps the id, counts itself and begins the tries anew', async () => {
    await bury('a', 'b');
    const again = await use((letters) => letters.replay({ ids: ['a'] }));
    expect(again).toMatchObject({ done: 1, stayed: [] });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(2));
    const [letter] = await use((letters) => letters.show('a'));
    expect(letter).toMatchObject({ replays: 1, attempts: 1, errorCode: 'not_now' });
    expect(letter?.headers).not.toHaveProperty('x-attempt');
    refusing = false;
    expect(await use((letters) => letters.replay({ code: 'not_now' }))).toMatchObject({ done: 2 });
    await eventually(async () => expect(await bench.effects()).toEqual(['a', 'b']));
    expect(new Set(attempts)).toEqual(new Set([1]));
    expect(await use((letters) => letters.list())).toEqual([]);
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
    await use((letters) => letters.replay({}));
    const { messages } = await bench.broker.takeFrom(queue);
    await eventually(() => expect(messages).toHaveLength(1));
    expect(stable(messages[0]?.headers)).toEqual({ ...own, 'x-replays': 2 });
  });

  it('a letter that the audit trail has not confirmed is not taken', async () => {
    await bury('a');
    const tap = await AmqpTap.open(bench.broker.amqpUrl);
    tap.cutting = '"kind":"taken"';
    const cut = use((letters) => letters.discard({}), tap.amqpUrl).catch((error: unknown) => error);
    await eventually(() => expect(tap.swallowed).toBeGreaterThan(0));
    // Time for an ack to pass, if there were one.
    for (let look = 0; look < 5; look += 1) expect(await bench.broker.depth(dead)).toBe(0);
    await tap.close();
    expect(await cut).toBeInstanceOf(Error);
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
  });

  it('an undone replay puts the letters back as they were, and the inbox absorbs the next', async () => {
    await bury('a');
    const [before] = await use((letters) => letters.show('a'));
    refusing = false;
    const { batch } = await use((letters) => letters.replay({ queue: dead }));
    await eventually(async () => expect(await bench.effects()).toEqual(['a']));
    expect(await use((letters) => letters.undo(batch))).toMatchObject({ done: 1, stayed: [] });
    expect(await use((letters) => letters.undo(batch))).toMatchObject({ done: 0, stayed: [] });
    const [after] = await use((letters) => letters.show('a'));
    expect({ ...after, headers: stable(after?.headers) }).toEqual({
      ...before,
      headers: stable(before?.headers),
    });
    await use((letters) => letters.replay({}));
    await eventually(() => expect(attempts).toHaveLength(3));
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(0));
    expect(await bench.effects()).toEqual(['a']);
  });

  it('what was discarded is gone until it is undone; every act is on record', async () => {
    await bury('a', 'b');
    const { batch } = await use((letters) => letters.discard({ ids: ['b'] }));
    expect(await use((letters) => letters.show('b'))).toEqual([]);
    const undone = await use((letters) => letters.undo(batch));
    expect(await use((letters) => letters.show('b'))).toHaveLength(1);
    expect(await use((letters) => letters.batches())).toEqual([
      expect.objectContaining({ batch, act: 'discard', by: 'the test', taken: 1, done: 1 }),
      expect.objectContaining({ batch: undone.batch, act: 'undo', of: batch, done: 1 }),
    ]);
    await expect(use((letters) => letters.undo(9_999))).rejects.toThrow(UnknownBatch);
  });

  it('two that came without an id and say the same are two: discarded, put back, replayed', async () => {
    const letter = { type: 'DoWork', messageId: undefined };
    for (let i = 0; i < 2; i += 1) await bench.broker.sendToQueue(dead, { what: 'twin' }, letter);
    const { batch, done } = await use((letters) => letters.discard({}));
    expect(done).toBe(2);
    expect(await use((letters) => letters.undo(batch))).toMatchObject({ done: 2, stayed: [] });
    expect(await use((letters) => letters.undo(batch))).toMatchObject({ done: 0, stayed: [] });
    expect(await use((letters) => letters.list())).toMatchObject([{ count: 2 }]);
    refusing = false;
    expect(await use((letters) => letters.replay({}))).toMatchObject({ done: 2 });
    await eventually(async () => expect(await bench.effects()).toEqual(['twin', 'twin']));
  });

  it('a dry run says what today’s contract refuses, and changes nothing', async () => {
    await bury('good');
    await bench.broker.sendToQueue(queue, { what: 7 }, { messageId: 'bad', type: 'DoWork' });
    await bench.broker.sendToQueue(queue, { what: 7 }, { messageId: 'strange', type: 'Strange' });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(3));
    expect(await use((letters) => letters.tryOut({}))).toEqual({
      wouldSend: 3,
      invalid: [{ id: 'bad', queue, problem: expect.stringContaining('/what') }],
      unchecked: 1,
    });
    expect(await bench.broker.depth(dead)).toBe(3);
  });

  it('a letter whose queue is gone stays', async () => {
    await bury('a');
    await bench.stop();
    await bench.broker.deleteQueue(queue);
    const outcome = await use((letters) => letters.replay({}));
    expect(outcome).toMatchObject({ done: 0, stayed: [{ id: 'a', problem: expect.any(String) }] });
    expect(await bench.broker.depth(dead)).toBe(1);
  });

  it('come in pages, by queue and id, with their bodies', async () => {
    await bury('d', 'b', 'e', 'a', 'c');
    await bench.broker.publish(DoWork, { what: 'copy' }, { messageId: 'b' });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(6));
    const page = async (id?: string) =>
      use((letters) => letters.page({}, id === undefined ? undefined : { queue, id }, 2));
    const ids = async (id?: string) => (await page(id)).map((letter) => letter.id);
    expect([await ids(), await ids('b'), await ids('d'), await ids('e')]).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
      [],
    ]);
    expect(await page()).toMatchObject([{ queue, errorCode: 'not_now', body: '{"what":"a"}' }, {}]);
  });

  it('a replay goes no faster than it is told, and does not begin where that takes too long', async () => {
    await bury('a', 'b', 'c', 'd');
    refusing = false;
    const slow = use((letters) => letters.replay({}, { rate: 4, secondsMax: 0.9 }));
    await expect(slow).rejects.toThrow(ReplayTooSlow);
    const startedAt = performance.now();
    await use((letters) => letters.replay({}, { rate: 4, secondsMax: 1 }));
    expect(performance.now() - startedAt).toBeGreaterThan(700);
    await eventually(async () => expect(await bench.effects()).toHaveLength(4));
  });

  it('two who look at the same time both see everything', async () => {
    await bury('a', 'b', 'c');
    const lists = await Promise.all([1, 2, 3].map(() => use((letters) => letters.list())));
    expect(lists.map(([group]) => group?.count)).toEqual([3, 3, 3]);
  });

  it('what the broker gave up is listed with its reason', async () => {
    await bench.stop();
    for (let death = 0; death <= 20; death += 1)
      await lookAndDie(bench.broker.amqpUrl, queue, death);
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
    const [group] = await use((letters) => letters.list());
    expect(group).toMatchObject({ queue, errorCode: 'delivery_limit', handler: '-', count: 1 });
    const { batch } = await use((letters) => letters.discard({}));
    await use((letters) => letters.undo(batch));
    expect(await use((letters) => letters.list())).toEqual([group]);
  });

  /** A client that takes a message and is gone without a word. */
  async function lookAndDie(url: string, from = dead, death = 1): Promise<void> {
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

/** Headers but those by which the broker counts looks. */
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
