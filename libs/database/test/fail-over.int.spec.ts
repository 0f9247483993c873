import { databaseUrl, DatabaseUnavailable, Db, migrate } from '@tradepost/database';
import { eventually, PostgresPair } from '@tradepost/test-kit';

const create = { name: 'test-create', text: 'CREATE TABLE notes (note integer PRIMARY KEY)' };
const insert = { name: 'test-insert', text: 'INSERT INTO notes (note) VALUES ($1)' };
const notes = { name: 'test-notes', text: 'SELECT note FROM notes ORDER BY note' };
const writers = 8;

const migrations = ['apps/users/migrations'];

let pair: PostgresPair;
let db: Db;
let next = 0;

async function begin(synchronous: boolean): Promise<void> {
  pair = await PostgresPair.start({ synchronous });
  db = new Db({ url: pair.url, poolMax: writers });
  await db.query(create);
}

async function end(): Promise<void> {
  await db?.close();
  await pair?.stop();
}

async function kept(): Promise<number[]> {
  return (await db.query<{ note: number }>(notes)).map(({ note }) => note);
}

/** Writes one note after another. @returns those whose commit was answered */
async function writeDuring(work: () => Promise<unknown>): Promise<number[]> {
  let isOver = false;
  const committed: number[] = [];
  const write = async () => {
    while (!isOver) {
      const note = (next += 1);
      const done = db.transaction(async (tx) => Promise.resolve(tx.write(insert, [note])));
      await done.then(
        () => committed.push(note),
        (error: unknown) => expect(error).toBeInstanceOf(DatabaseUnavailable),
      );
    }
  };
  const writing = Promise.all(Array.from({ length: writers }, write));
  const goesOn = async () => {
    const before = committed.length;
    await eventually(() => expect(committed.length).toBeGreaterThan(before + 100), {
      withinMs: 30_000,
    });
  };
  try {
    await goesOn();
    await work();
    await goesOn();
  } finally {
    isOver = true;
    await writing;
  }
  return committed;
}

describe('with a synchronous replica', () => {
  beforeAll(() => begin(true), 60_000);
  // What was the primary comes back as the replica.
  afterEach(() => pair.join(), 60_000);
  afterAll(end);

  it('what was committed is there when the primary was killed', async () => {
    const committed = await writeDuring(() => pair.failOver());
    expect(await kept()).toEqual(expect.arrayContaining(committed));
  }, 60_000);

  it('all that was there is there again, and migrations go where writes go', async () => {
    const before = await kept();
    const url = databaseUrl(pair.url, { name: 'postgres' });
    expect(await migrate({ url, folders: migrations })).not.toEqual([]);
    await pair.failOver();
    expect(await migrate({ url, folders: migrations })).toEqual([]);
    expect(await kept()).toEqual(before);
  }, 60_000);

  it('a primary that is to take no more writes is left by who has sessions with it', async () => {
    const committed = await writeDuring(() => pair.switchOver());
    expect(await kept()).toEqual(expect.arrayContaining(committed));
  }, 60_000);

  it('what it cannot have is not committed for anyone', async () => {
    const before = await kept();
    await pair.detach();
    const waiting = db.query(insert, [0]).then(
      () => 'committed',
      (error: unknown) => error,
    );
    const text = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
    await eventually(async () => {
      expect(await db.query({ name: 'test-waits', text })).toEqual([{ count: 1 }]);
    });
    expect(await kept()).toEqual(before);
    await pair.failOver();
    expect(await waiting).toBeInstanceOf(DatabaseUnavailable);
    expect(await kept()).toEqual(before);
  }, 60_000);
});

describe('with an asynchronous replica', () => {
  beforeAll(() => begin(false), 60_000);
  afterAll(end);

  it('what it did not have yet is gone, though its commit was answered', async () => {
    await db.query(insert, [1]);
    await pair.detach();
    await db.query(insert, [2]);
    await pair.failOver();
    expect(await kept()).toEqual([1]);
  }, 60_000);
});
