import { Db, lockIds } from '@tradepost/database';
import { createTestDatabase, inTurn, type TestDatabase } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';

const now = { name: 'test-now', text: 'SELECT clock_timestamp() AS now' };

describe('ids that transactions lock', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.url });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  /** @returns when it had the locks */
  const lock = async (ids: string[]): Promise<number> =>
    db.transaction(async (tx) => {
      await lockIds(tx, ids);
      const [row] = await tx.query<{ now: Date }>(now);
      return row?.now.getTime() ?? 0;
    });

  it('are had by one of them at a time, each id apart', async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    let ended = 0;
    const second = await inTurn(
      db,
      async (tx) => lockIds(tx, [id, id]),
      async () => lock([id, other]),
      async (tx) => {
        const [row] = await tx.query<{ now: Date }>(now);
        ended = row?.now.getTime() ?? Infinity;
      },
    );
    expect(second).toBeGreaterThanOrEqual(ended);
    const free = await inTurn(
      db,
      async (tx) => lockIds(tx, [id]),
      async () => lock([other]),
      async (tx) => {
        await tx.query({ name: 'test-tick', text: 'SELECT pg_sleep(0.01)' });
        const [row] = await tx.query<{ now: Date }>(now);
        ended = row?.now.getTime() ?? 0;
      },
    );
    expect(free).toBeLessThan(ended);
  });

  it('are never waited for in a ring, though they come in other orders', async () => {
    const [low = '', high = ''] = [randomUUID(), randomUUID()].sort();
    let [firsts, seconds] = [0, 0];
    await inTurn(
      db,
      async (tx) => {
        firsts += 1;
        await lockIds(tx, [low]);
        await tx.query(now);
      },
      async () =>
        db.transaction(async (tx) => {
          seconds += 1;
          await lockIds(tx, [high, low]);
        }),
      async (tx) => lockIds(tx, [high]),
    );
    // A deadlock would have had one of them run again.
    expect([firsts, seconds]).toEqual([1, 1]);
  });
});
