import { InvalidBody, send, sendEach } from '@tradepost/messaging';
import { fanout, work } from '@tradepost/messaging/contract';
import { eventually } from '@tradepost/test-kit';
import { IsInt, IsOptional, IsUUID } from 'class-validator';
import { slotOf } from '../src/ordered/slots';
import { Bench } from './bench';
import { Happened } from './contracts';
import { allDue, allSteps, LineMoved, LineSender, makeLines, route } from './line-senders';
import { move, stepsOf } from './line-senders';

class MoveLine {
  static readonly route = work('tests.move-line', { key: 'id' });

  @IsOptional()
  @IsUUID()
  id?: string;
}

class Counted {
  static readonly route = fanout('counted', { key: 'number' });

  @IsInt()
  number!: number;
}

describe('messages with a key', () => {
  let bench: Bench;
  let senders: LineSender[];

  beforeEach(async () => {
    bench = await Bench.open();
    await makeLines(bench);
    senders = [];
  });
  afterEach(async () => {
    await Promise.all(senders.map((sender) => sender.stop()));
    await bench.close();
  });

  const start = async (name: string): Promise<LineSender> => {
    const sender = await LineSender.open(bench, name);
    senders.push(sender);
    return sender;
  };
  const listen = () => bench.broker.takeFrom<LineMoved>('lines');
  const run = async (text: string, values: unknown[] = []) =>
    bench.db.query<Record<string, unknown>>({ name: `test-${text.slice(0, 50)}`, text }, values);
  const refused = async (line: string) =>
    run('SELECT FROM outbox WHERE attempts > 0 AND routing_key = $1', [line]);

  it('go by their key, due at once, in the order of the calls', async () => {
    const id = '0197A3C8-1F2B-7C3D-8E4F-5A6B7C8D9E0E';
    await bench.db.transaction(async (tx) => {
      await send(tx, MoveLine, { id });
      await sendEach(tx, Counted, [{ body: { number: 7 } }, { body: { number: -1 } }]);
      await send(tx, Happened, { what: 'no key' });
      await send(tx, Counted, { number: 7 });
    });
    const text = `SELECT exchange, exchange_type AS type, routing_key AS key, not_before <= now() AS due,
                    position IS NOT NULL AS ordered FROM outbox ORDER BY position`;
    const [moved, counted] = [{ type: 'direct' }, { exchange: 'counted', type: 'topic' }];
    const keyed = { due: true, ordered: true };
    expect(await run(text)).toEqual([
      { exchange: 'tests.move-line.keys', ...moved, key: id.toLowerCase(), ...keyed },
      { ...counted, key: '7', ...keyed },
      { ...counted, key: '-1', ...keyed },
      { ...counted, key: '7', ...keyed },
      { exchange: 'happened', type: 'fanout', key: '', due: false, ordered: false },
    ]);
  });

  it.each([
    ['missing', MoveLine, {}],
    ['empty', LineMoved, { line: '', step: 1 }],
    ['longer than a routing key', LineMoved, { line: 'ä'.repeat(128), step: 1 }],
    ['an integer that is not safe', Counted, { number: 2 ** 53 }],
  ])('are refused when it is %s', async (_, contract, body) => {
    const sending = bench.db.transaction((tx) => send(tx, contract, body));
    await expect(sending).rejects.toBeInstanceOf(InvalidBody);
    expect(await bench.outboxDepth()).toBe(0);
  });

  it('go out at once, whichever process commits', async () => {
    const [one, two] = [await start('one'), await start('two')];
    await route(bench, 'a');
    const { messages } = await listen();
    for (let n = 0; n < 10; n += 1) await (n % 2 === 0 ? one : two).move('a');
    await eventually(() =>
      expect(stepsOf(messages)).toEqual({ a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }),
    );
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    expect(messages).toHaveLength(10);
    expect(new Set(messages.map(({ routingKey }) => routingKey))).toEqual(new Set([slotOf('a')]));
  });

  it('wait for an earlier one of their key that no queue takes, and for no other', async () => {
    const sender = await start('one');
    await route(bench, 'b');
    const { messages } = await listen();
    await sender.move('a');
    await eventually(async () => expect(await refused('a')).toHaveLength(1));
    // From now on there is a listener, but the first one is not tried again yet.
    await run(`UPDATE outbox SET not_before = 'infinity'`);
    await route(bench, 'a');
    await sender.move('a');
    await sender.move('b');
    await sender.move('b');
    await eventually(() => expect(stepsOf(messages)).toEqual({ b: [1, 2] }));
    // More than a look at what there is.
    await start('two');
    await sender.move('b');
    await eventually(() => expect(stepsOf(messages)).toEqual({ b: [1, 2, 3] }));
    // A row goes when its message is confirmed, which may be after it was heard.
    await eventually(async () => expect(await bench.outboxDepth()).toBe(2));
    expect(stepsOf(messages)).toEqual({ b: [1, 2, 3] });
    await allDue(bench);
    await eventually(() => expect(stepsOf(messages)).toEqual({ a: [1, 2], b: [1, 2, 3] }));
  });

  it('wait for an earlier one that another process has in hand', async () => {
    await route(bench, 'a', 'b');
    await move(bench.db, 'a');
    const { messages } = await listen();
    await bench.db.transaction(async (tx) => {
      await tx.query({ name: 'test-hold', text: 'SELECT FROM outbox FOR UPDATE' });
      const sender = await start('one');
      await sender.move('a');
      await sender.move('b');
      await eventually(() => expect(stepsOf(messages)).toEqual({ b: [1] }));
      await sender.move('b');
      await eventually(() => expect(stepsOf(messages)).toEqual({ b: [1, 2] }));
    });
    await eventually(() => expect(stepsOf(messages)).toEqual({ a: [1, 2], b: [1, 2] }));
  });

  it('of a dead process go out in order, one line as long as another', async () => {
    const lines = Array.from({ length: 20 }, (_, n) => `line-${n}`);
    await route(bench, ...lines);
    const name = (n: number) => (n < 40 ? 'line-0' : (lines[n % 20] as string));
    for (let n = 0; n < 100; n += 1) await move(bench.db, name(n));
    const { messages } = await listen();
    await start('one');
    // Were only one of a line sent each second, it would take 43 s.
    await eventually(async () => expect(stepsOf(messages)).toEqual(await allSteps(bench)), {
      withinMs: 15_000,
    });
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
  });

  it('are found behind any number of keys that wait', async () => {
    await route(bench, 'z');
    await bench.db.transaction(async (tx) => {
      const waiting = Array.from({ length: 1_100 }, (_, n) => ({ line: `a-${n}`, step: 1 }));
      await sendEach(
        tx,
        LineMoved,
        waiting.map((body) => ({ body })),
      );
      await tx.query({ name: 'test-wait', text: `UPDATE outbox SET not_before = 'infinity'` });
    });
    const { messages } = await listen();
    const sender = await start('one');
    await sender.move('z');
    await eventually(() => expect(stepsOf(messages)).toEqual({ z: [1] }));
    await eventually(async () => expect(await bench.outboxDepth()).toBe(1_100));
    expect(stepsOf(messages)).toEqual({ z: [1] });
  });

  it('of a work wait until its owner has made what leads to its queues', async () => {
    await bench.start([]);
    const id = '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e';
    await bench.db.transaction((tx) => send(tx, MoveLine, { id }));
    await eventually(async () => expect(await refused(id)).toHaveLength(1));
    const heard = await bench.broker.listen(Happened);
    await bench.db.transaction((tx) => send(tx, Happened, { what: 'beside it' }));
    await eventually(() => expect(heard.messages).toHaveLength(1));
    await bench.broker.declareExchange('tests.move-line.keys', 'direct');
    await bench.broker.declareQueue('tests.move-line');
    await bench.broker.bindQueue('tests.move-line', 'tests.move-line.keys', slotOf(id));
    const { messages } = await bench.broker.takeFrom('tests.move-line');
    await allDue(bench);
    await eventually(() => expect(messages.map(({ body }) => body)).toEqual([{ id }]));
  });
});
