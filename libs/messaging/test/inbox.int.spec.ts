import { Db } from '@tradepost/database';
import { once, onceEach, type Message } from '@tradepost/messaging';
import { createTestDatabase, inTurn, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { forgetOld } from '../src/outbox/inbox';
import type { Database, Transaction } from '../src/outbox/database';

const queue = 'tests.marks';

describe('two copies of a message, one of which waits for the other', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.serviceUrl });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const batchOf = (...ids: string[]) => ids.map((id) => ({ message: { queue, id } as Message }));
  const mark = async (tx: Transaction, ...ids: string[]) => {
    const fresh = await onceEach(tx, batchOf(...ids));
    return fresh.map(({ message }) => message.id);
  };

  it('are handled once when the first commits, alone and in a batch', async () => {
    const [alone, batched, fresh] = [randomUUID(), randomUUID(), randomUUID()];
    const second = await inTurn(
      db,
      async (tx) => once(tx, { queue, id: alone }),
      async () => db.transaction(async (tx) => once(tx, { queue, id: alone })),
    );
    expect(second).toBe(false);
    const batch = await inTurn(
      db,
      async (tx) => mark(tx, batched),
      async () => db.transaction(async (tx) => mark(tx, batched, fresh, batched)),
    );
    expect(batch).toEqual([fresh]);
  });

  it('are handled by the second when the first fails', async () => {
    const id = randomUUID();
    const failed = new Error('on second thoughts');
    let second: Promise<string[]> | undefined;
    const first = inTurn(
      db,
      async (tx) => expect(await mark(tx, id)).toEqual([id]),
      async () => (second = db.transaction(async (tx) => mark(tx, id))),
      async () => Promise.reject(failed),
    );
    await expect(first).rejects.toBe(failed);
    expect(await second).toEqual([id]);
  });

  it('of another queue are not copies', async () => {
    const id = randomUUID();
    const handled = await db.transaction(async (tx) =>
      Promise.all(['tests.one', 'tests.other'].map(async (name) => once(tx, { queue: name, id }))),
    );
    expect(handled).toEqual([true, true]);
  });

  it('never wait in a ring, though their batches come in other orders', async () => {
    const [low = '', high = ''] = [randomUUID(), randomUUID()].sort();
    let [firsts, seconds] = [0, 0];
    const fresh = await inTurn(
      db,
      async (tx) => {
        firsts += 1;
        await mark(tx, low);
      },
      async () =>
        db.transaction(async (tx) => {
          seconds += 1;
          return mark(tx, high, low);
        }),
      async (tx) => mark(tx, high),
    );
    expect(fresh).toEqual([]);
    // A deadlock would have had one of them run again.
    expect([firsts, seconds]).toEqual([1, 1]);
  });

  describe('when old marks are forgotten', () => {
    const old = async (...ids: string[]) =>
      db.query(
        {
          name: 'test-old',
          text: `INSERT INTO inbox SELECT $1, id, now() - interval '20 days' FROM unnest($2::text[]) AS id`,
        },
        [queue, ids],
      );
    const left = async () => {
      const text = `SELECT message_id AS id FROM inbox WHERE message_id LIKE 'old%' ORDER BY 1`;
      const rows = await db.query<{ id: string }>({ name: 'test-left', text });
      return rows.map(({ id }) => id);
    };

    it('one that another replica holds is not waited for', async () => {
      await old('old-1', 'old-2', 'old-3');
      await db.transaction(async (tx) => {
        const text = `SELECT FROM inbox WHERE message_id = 'old-2' FOR UPDATE`;
        await tx.query({ name: 'test-hold', text });
        expect(await forgetOld(db, 14, 100)).toBe(2);
      });
      expect(await left()).toEqual(['old-2']);
    });

    it('a statement deletes no more than its limit, and a stop ends them', async () => {
      await db.query({ name: 'test-clear', text: 'DELETE FROM inbox' });
      await old('old-1', 'old-2', 'old-3', 'old-4', 'old-5');
      const stop = new AbortController();
      const stopping: Database = {
        transaction: db.transaction.bind(db),
        onCommit: db.onCommit.bind(db),
        query: async (statement, values) => {
          const rows = await db.query<never>(statement, values);
          if (statement.name === 'messaging-delete-inbox') stop.abort();
          return rows;
        },
      };
      expect(await forgetOld(stopping, 14, 2, stop.signal)).toBe(2);
      expect(await left()).toHaveLength(3);
      expect(await forgetOld(db, 14, 2)).toBe(3);
    });
  });
});
