import { Logger } from '@nestjs/common';
import { send, sendEach } from '@tradepost/messaging';
import { AmqpTap, eventually } from '@tradepost/test-kit';
import { v7 as uuidv7 } from 'uuid';
import { outboxLag, outboxTopic } from '../src/outbox/outbox';
import { Link } from '../src/connection/link';
import type { Database, Transaction } from '../src/outbox/database';
import { deleteSent, newRow, postpone, type OutboxRow } from '../src/outbox/outbox-row';
import { Relay } from '../src/outbox/relay';
import { simpleWays } from '../src/topology/ways';
import { Publisher } from '../src/publish/publisher';
import { Bench } from './bench';
import { Happened } from './contracts';

/** Rows of a process that is gone: the bench's own database publishes nothing. */
describe('the poll of an outbox', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(async () => bench.close());

  const left = async (...names: string[]): Promise<string[]> =>
    bench.db.transaction(async (tx) => {
      const ids: string[] = [];
      for (const what of names) ids.push(await send(tx, Happened, { what }));
      return ids;
    });
  const run = async (text: string, values: unknown[] = []) =>
    bench.db.query<Record<string, unknown>>({ name: `test-${text.slice(0, 50)}`, text }, values);
  const due = async () => run(`UPDATE outbox SET not_before = now()`);

  it('leaves rows alone until they are due', async () => {
    const [early] = await left('early', 'due');
    await due();
    await run(`UPDATE outbox SET not_before = 'infinity' WHERE id = $1`, [early]);
    const heard = await bench.broker.listen(Happened);
    await bench.start([]);
    await eventually(async () => expect(await bench.outboxDepth()).toBe(1));
    expect(heard.messages.map(({ body }) => body.what)).toEqual(['due']);
  });

  it('leaves the rows of another poll to that, and waits for none of them', async () => {
    const [held] = await left('held', 'free');
    await due();
    const heard = await bench.broker.listen(Happened);
    await bench.db.transaction(async (tx) => {
      const text = 'SELECT FROM outbox WHERE id = $1 FOR UPDATE';
      await tx.query({ name: 'test-hold', text }, [held]);
      await bench.start([]);
      await eventually(async () => expect(await bench.outboxDepth()).toBe(1));
      expect(heard.messages.map(({ body }) => body.what)).toEqual(['free']);
    });
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    expect(heard.messages.map(({ body }) => body.what)).toEqual(['free', 'held']);
  });

  it('sends in the order of the ids, whatever the order of the rows', async () => {
    const names = ['one', 'two', 'three'];
    const ids = await left(...names);
    await due();
    // An update moves a row behind the others.
    for (const id of [...ids].reverse().slice(1)) {
      await run('UPDATE outbox SET attempts = 0 WHERE id = $1', [id]);
    }
    const heard = await bench.broker.listen(Happened);
    await bench.start([]);
    await eventually(() => expect(heard.messages).toHaveLength(3));
    expect(heard.messages.map(({ body }) => body.what)).toEqual(names);
  });

  describe('beside a relay', () => {
    const log = new Logger('Messaging');
    let link: Link;
    let publisher: Publisher;

    const connect = async (url: string) => {
      link = new Link({ url, name: 'tests', log });
      publisher = new Publisher({ link, log, pendingMax: 20_000 });
      link.start();
      await eventually(() => expect(publisher.isOpen).toBe(true));
    };
    afterEach(async () => {
      await publisher.stop(0);
      await link.stop();
    });
    /** As a commit notes it. */
    const noted = (messageId = uuidv7()) =>
      newRow(
        { exchange: '', type: 'direct', routingKey: 'tests.none' },
        { messageId, type: 'None', correlationId: messageId, timestamp: new Date() },
        '{}',
      );

    let commit: (rows: OutboxRow[]) => void = () => undefined;
    const onCommit: Database['onCommit'] = (topic, hear) => {
      if (topic === outboxTopic) commit = hear as typeof commit;
    };

    it('ends its batch before the relay is stopped, which takes nothing more', async () => {
      await connect(bench.broker.amqpUrl);
      await bench.broker.declareQueue('tests.none');
      const { messages } = await bench.broker.takeFrom('tests.none');
      let [hasBegun, hasEnded, open] = [false, false, (): void => undefined];
      const opened = new Promise<void>((resolve) => (open = resolve));
      const db: Database = {
        query: bench.db.query.bind(bench.db),
        onCommit,
        transaction: async (work) => {
          hasBegun = true;
          await opened;
          const result = await bench.db.transaction(work);
          hasEnded = true;
          return result;
        },
      };
      const relay = new Relay(db, publisher, log, { service: 'tests', ways: simpleWays });
      relay.start();
      await eventually(() => expect(hasBegun).toBe(true));
      const stopped = relay.stop().then(() => hasEnded);
      open();
      expect(await stopped).toBe(true);
      commit([noted()]);
      // What it took would come before.
      const target = { exchange: '', routingKey: 'tests.none' };
      await publisher.publish(target, Buffer.from('{}'), { messageId: 'last' });
      await eventually(() => expect(messages).not.toEqual([]));
      expect(messages.map(({ properties }) => properties.messageId as unknown)).toEqual(['last']);
    });

    it('leaves those that the relay holds, which are 10,000 at most', async () => {
      const tap = await AmqpTap.open(bench.broker.amqpUrl);
      await connect(tap.url);
      tap.freeze();
      let held: unknown;
      const db: Database = {
        query: bench.db.query.bind(bench.db),
        onCommit,
        transaction: async (work) =>
          bench.db.transaction(async (tx) => {
            const query: Transaction['query'] = async (statement, values) => {
              held = values?.[1];
              return tx.query(statement, values);
            };
            return work({ query, write: tx.write.bind(tx), note: tx.note.bind(tx) });
          }),
      };
      const relay = new Relay(db, publisher, log, { service: 'tests', ways: simpleWays });
      commit(Array.from({ length: 10_001 }, () => noted()));
      relay.start();
      try {
        await eventually(() => expect(held).toHaveLength(10_000));
      } finally {
        await publisher.stop(0);
        await relay.stop();
        await tap.close();
      }
    });
  });

  it('takes 500 rows in one transaction at most', async () => {
    const tap = await AmqpTap.open(bench.broker.amqpUrl);
    try {
      await bench.db.transaction(async (tx) =>
        sendEach(
          tx,
          Happened,
          Array.from({ length: 520 }, (_, n) => ({ body: { what: `n${n}` } })),
        ),
      );
      await due();
      const heard = await bench.broker.listen(Happened);
      tap.cutting = '"n0"';
      await bench.start([], { amqpUrl: tap.url });
      const free = 'SELECT id FROM outbox FOR UPDATE SKIP LOCKED';
      // The batch waits for its confirms: its rows are locked.
      await eventually(async () => expect(await run(free)).toHaveLength(20));
      tap.cutting = undefined;
      await bench.broker.closeConnections();
      await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
      expect(new Set(heard.messages.map(({ body }) => body.what)).size).toBe(520);
    } finally {
      await tap.close();
    }
  });
});

describe('rows of the outbox', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await Bench.open();
  });
  afterAll(async () => bench.close());
  beforeEach(async () => {
    await bench.db.query({ name: 'test-empty', text: 'DELETE FROM outbox' });
  });

  async function row(attempts: number, age = 0): Promise<string> {
    const id = uuidv7();
    const text = `INSERT INTO outbox VALUES ($1, '', 'direct', 'tests.none', 'DoWork', '{}', false, 'c', NULL,
                    now() - make_interval(secs => $3), $2, now())`;
    await bench.db.query({ name: 'test-row', text }, [id, attempts, age]);
    return id;
  }

  const waits = {
    name: 'test-waits',
    text: `SELECT attempts, extract(epoch FROM not_before - now())::int AS seconds FROM outbox
           WHERE id = $1`,
  };

  it.each([
    [0, 1],
    [1, 2],
    [5, 32],
    [6, 60],
    [5_000, 60],
  ])('that were refused %d times before wait for %d s', async (attempts, seconds) => {
    const [id, other] = [await row(attempts), await row(7)];
    await bench.db.transaction(async (tx) => {
      await tx.query(postpone, [[id]]);
      expect(await tx.query(waits, [id])).toEqual([{ attempts: attempts + 1, seconds }]);
      expect(await tx.query(waits, [other])).toMatchObject([{ attempts: 7 }]);
    });
  });

  it('are deleted by their ids, and no others', async () => {
    const [sent, other] = [await row(0), await row(0)];
    await bench.db.query(deleteSent, [[sent]]);
    const text = 'SELECT id FROM outbox';
    expect(await bench.db.query({ name: 'test-rest', text })).toEqual([{ id: other }]);
  });

  it('are as late as the one with the first id', async () => {
    expect(await outboxLag(bench.db)).toBe(0);
    const first = await row(0, 3_600);
    await row(0, 60);
    const text = 'UPDATE outbox SET attempts = 1 WHERE id = $1';
    await bench.db.query({ name: 'test-move', text }, [first]);
    const seconds = await outboxLag(bench.db);
    expect(Math.round(seconds / 60)).toBe(60);
  });
});
