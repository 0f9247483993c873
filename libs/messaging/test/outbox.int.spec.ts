import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  InvalidBody,
  OnFanout,
  OnWork,
  once,
  onceEach,
  send,
  type Message,
  type Received,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { forgetOld } from '../src/outbox/inbox';
import { Bench, insertEffect } from './bench';
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

  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

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

  it('refuses a body that its contract does not allow, and the transaction with it', async () => {
    const sending = bench.db.transaction((tx) => send(tx, DoWork, { what: '' }));
    await expect(sending).rejects.toBeInstanceOf(InvalidBody);
    expect(await bench.outboxDepth()).toBe(0);
  });

  it('unroutable: a message without a listener is kept until there is one', async () => {
    await bench.start([]);
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'early' }));
    await eventually(async () => expect(await postponed(bench)).toBeGreaterThan(0));
    await bench.start([Worker, Listener]);
    await eventually(async () => expect(await bench.effects()).toEqual(['early', 'early done']));
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
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
