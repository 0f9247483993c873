import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  InvalidBody,
  OnFanout,
  OnWork,
  once,
  onceEach,
  send,
  sendEach,
  type Message,
  type Received,
} from '@tradepost/messaging';
import { AmqpTap, eventually } from '@tradepost/test-kit';
import { forgetOld } from '../src/outbox/inbox';
import { Bench, insertEffect, inSimpleMode } from './bench';
import { DoWork, Happened } from './contracts';

@Injectable()
class Worker {
  constructor(private readonly db: Db) {}

  @OnWork(DoWork)
  async handle({ what }: DoWork, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await tx.query(insertEffect, [what]);
      await send(tx, Happened, { what: `${what} done` });
    });
  }
}

@Injectable()
class Listener {
  constructor(private readonly db: Db) {}

  @OnFanout(Happened, { batch: { size: 20 } })
  async handle(batch: Received<Happened>[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      for (const { body } of await onceEach(tx, batch)) await tx.query(insertEffect, [body.what]);
    });
  }
}

describe('the outbox', () => {
  let bench: Bench;
  let tap: AmqpTap | undefined;

  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(async () => {
    await bench.close();
    await tap?.close();
    tap = undefined;
  });

  it('a rolled back transaction sends nothing', async () => {
    await bench.start([Worker, Listener]);
    const failing = bench.db.transaction(async (tx) => {
      await send(tx, DoWork, { what: 'never' });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'sent' }));
    await eventually(async () => expect(await bench.effects()).toEqual(['sent', 'sent done']));
  });

  it('goes out from memory, in the order of the commits, and leaves no row', async () => {
    await bench.start([]);
    // It hears the same database: each row is for one of the two.
    await bench.start([]);
    const heard = await bench.broker.listen(Happened);
    const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
    for (const what of names) {
      await bench.db.transaction(async (tx) => {
        await send(tx, Happened, { what });
        await tx.query(hideFromPoll);
      });
    }
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    expect(heard.messages.map(({ body }) => body.what)).toEqual(names);
  });

  it('of more rows than are deleted at once goes out whole, and lets go of all of them', async () => {
    const { app } = await bench.start([]);
    const heard = await bench.broker.listen(Happened);
    const names = Array.from({ length: 2_100 }, (_, i) => `n${i}`);
    await bench.db.transaction(async (tx) => {
      await sendEach(tx, Happened, []);
      await sendEach(
        tx,
        Happened,
        names.map((what) => ({ body: { what } })),
      );
      await tx.query(hideFromPoll);
    });
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    expect(heard.messages.map(({ body }) => body.what)).toEqual(names);
    const closing = performance.now();
    await app.close();
    // Not the 4 s that it waits for what it still holds.
    expect(performance.now() - closing).toBeLessThan(3_000);
  });

  it('no poll touches a row that is new: its own process publishes it', async () => {
    await bench.db.transaction(async (tx) => {
      await sendEach(tx, Happened, [{ body: { what: 'one' } }, { body: { what: 'two' } }]);
      await send(tx, Happened, { what: 'three' });
      // The transaction may have begun long before it sends.
      await tx.query({ name: 'bench-sleep', text: 'SELECT pg_sleep(0.5)' });
      await send(tx, Happened, { what: 'four' });
    });
    const text = `SELECT count(*) AS count FROM outbox
                  WHERE not_before - created_at BETWEEN interval '2.5 s' AND interval '5 s'`;
    expect(await bench.db.query({ name: 'bench-fresh', text })).toEqual([{ count: 4 }]);
  });

  it('deletes what was confirmed, and nothing before', async () => {
    tap = await AmqpTap.open(bench.broker.amqpUrl);
    await bench.start([], { amqpUrl: tap.url });
    const heard = await bench.broker.listen(Happened);
    tap.cutting = 'swallowed';
    await bench.db.transaction((tx) => send(tx, Happened, { what: 'swallowed' }));
    const text = 'SELECT FROM outbox WHERE not_before < now()';
    await eventually(async () => {
      expect(await bench.db.query({ name: 'bench-due', text })).toHaveLength(1);
    });
    expect(tap.swallowed).toBeGreaterThan(0);
    expect(heard.messages).toEqual([]);
    tap.cutting = undefined;
    await bench.broker.closeConnections();
    await eventually(() => expect(heard.messages).toHaveLength(1));
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
  });

  it('a database that does not delete: nothing goes out twice, and nothing is left', async () => {
    await bench.start([]);
    const heard = await bench.broker.listen(Happened);
    await bench.db.query(refuseDeletes);
    await bench.db.transaction((tx) => send(tx, Happened, { what: 'once' }));
    await bench.db.transaction((tx) => send(tx, Happened, { what: 'twice' }));
    // Longer ago than the poll takes to find what is due.
    const text = `SELECT FROM outbox WHERE not_before < now() - interval '1.5 s'`;
    await eventually(async () => {
      expect(await bench.db.query({ name: 'bench-overdue', text })).toHaveLength(2);
    });
    await bench.db.query({ name: 'bench-allow', text: 'DROP TRIGGER refuse ON outbox' });
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    expect(heard.messages.map(({ body }) => body.what)).toEqual(['once', 'twice']);
  });

  it('a clean stop leaves no row behind, and nothing that would go out again', async () => {
    const { app } = await bench.start([]);
    const heard = await bench.broker.listen(Happened);
    const names = Array.from({ length: 300 }, (_, i) => `n${i}`);
    await Promise.all(
      names.map((what) => bench.db.transaction((tx) => send(tx, Happened, { what }))),
    );
    await app.close();
    expect(await bench.outboxDepth()).toBe(0);
    await eventually(() => expect(heard.messages).toHaveLength(names.length));
  });

  it('refuses a body that its contract does not allow, and the transaction with it', async () => {
    const sending = bench.db.transaction((tx) => send(tx, DoWork, { what: '' }));
    await expect(sending).rejects.toBeInstanceOf(InvalidBody);
    expect(await bench.outboxDepth()).toBe(0);
  });

  inSimpleMode('unroutable: a message without a listener is kept until there is one', async () => {
    await bench.start([]);
    await bench.db.transaction(async (tx) => {
      await send(tx, DoWork, { what: 'early' });
      // Its exchange is not there either.
      await send(tx, Happened, { what: 'early' });
    });
    const text = 'SELECT FROM outbox WHERE attempts > 0';
    const refused = { name: 'bench-refused', text };
    await eventually(async () => expect(await bench.db.query(refused)).toHaveLength(2));
    // The process that has tried it tries it again.
    const heard = await bench.broker.listen(Happened);
    await bench.broker.declareQueue('tests.do-work', { 'x-queue-type': 'quorum' });
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    expect(await bench.broker.depth('tests.do-work')).toBe(1);
    expect(heard.messages).toHaveLength(1);
  });

  it('a process without a broker holds no row back from the others', async () => {
    await bench.db.transaction((tx) => send(tx, Happened, { what: 'left behind' }));
    await bench.db.query({ name: 'bench-due-now', text: 'UPDATE outbox SET not_before = now()' });
    await bench.create([], { amqpUrl: 'amqp://guest:guest@127.0.0.1:1' });
    const heard = await bench.broker.listen(Happened);
    await bench.start([]);
    await eventually(() => expect(heard.messages).toHaveLength(1), { withinMs: 5_000 });
    // It is the first to hear of a commit, too.
    await bench.db.transaction(async (tx) => {
      await send(tx, Happened, { what: 'committed meanwhile' });
      await tx.query(hideFromPoll);
    });
    await eventually(() => expect(heard.messages).toHaveLength(2));
  });

  it('a message without a listener for days holds up nothing else', async () => {
    const heard = await bench.broker.listen(Happened);
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'without a listener' }));
    await bench.db.query({ name: 'bench-age', text: 'UPDATE outbox SET attempts = 5000' });
    await bench.db.transaction((tx) => send(tx, Happened, { what: 'beside it' }));
    await bench.start([]);
    await eventually(async () => expect(await postponed(bench)).toBe(5_001));
    expect(await bench.outboxDepth()).toBe(1);
    expect(heard.messages).toHaveLength(1);
  });

  it('what a dead process left is sent by the next one', async () => {
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'left behind' }));
    expect(await bench.outboxDepth()).toBe(1);
    await bench.start([Worker, Listener]);
    await eventually(async () => expect(await bench.effects()).toContain('left behind'));
  });

  it('a flow through connection losses loses nothing and doubles nothing', async () => {
    await bench.start([Worker, Listener]);
    const names = Array.from({ length: 300 }, (_, i) => `m${i}`);
    for (let i = 0; i < names.length; i += 1) {
      await bench.db.transaction((tx) => send(tx, DoWork, { what: names[i] ?? '' }));
      if (i === 100 || i === 200) await bench.broker.closeConnections();
    }
    const expected = names.flatMap((name) => [name, `${name} done`]).sort();
    await eventually(async () => expect((await bench.effects()).sort()).toEqual(expected), {
      withinMs: 30_000,
    });
    expect(await bench.broker.allDeadLetters()).toEqual({});
  });

  it('two relays share one outbox: each message goes out, none waits for the other', async () => {
    await bench.start([Worker, Listener]);
    await bench.start([Worker, Listener]);
    const names = Array.from({ length: 200 }, (_, i) => `n${i}`);
    await Promise.all(
      names.map((what) => bench.db.transaction((tx) => send(tx, DoWork, { what }))),
    );
    const expected = names.flatMap((name) => [name, `${name} done`]).sort();
    await eventually(async () => expect((await bench.effects()).sort()).toEqual(expected));
  });
});

describe('the inbox', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  it('forgets every old mark and no other, however many there are', async () => {
    await bench.db.query(insertMarks, [950, 20]);
    await bench.db.query(insertMarks, [7, 10]);
    expect(await forgetOld(bench.db, 14, 100)).toBe(950);
    expect(await bench.db.query(countMarks)).toEqual([{ count: 7 }]);
  });
});

const hideFromPoll = {
  name: 'bench-hide',
  text: `UPDATE outbox SET not_before = 'infinity'`,
};
const refuseDeletes = {
  name: 'bench-refuse-deletes',
  text: `DO $$ BEGIN
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE EXCEPTION ''not now''; END';
    CREATE TRIGGER refuse BEFORE DELETE ON outbox EXECUTE FUNCTION refuse();
  END $$`,
};
const countMarks = { name: 'bench-count-marks', text: 'SELECT count(*) AS count FROM inbox' };
const insertMarks = {
  name: 'bench-insert-marks',
  text: `INSERT INTO inbox (queue, message_id, received_at)
         SELECT 'q' || $2::int, n::text, now() - make_interval(days => $2::int)
         FROM generate_series(1, $1::int) AS n`,
};

async function postponed({ db }: Bench): Promise<number> {
  const sql = { name: 'bench-postponed', text: 'SELECT max(attempts) AS n FROM outbox' };
  const [row] = await db.query<{ n: number | null }>(sql);
  return row?.n ?? 0;
}
