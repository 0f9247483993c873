import { DatabaseUnavailable, Db, GroupCommit } from '@tradepost/database';
import { createTestDatabase, type TestDatabase } from '@tradepost/test-kit';
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type AddressInfo } from 'node:net';

const createNotes = { name: 'test-create', text: 'CREATE TABLE notes (note text PRIMARY KEY)' };
const insertNotes = {
  name: 'test-insert-each',
  text: `WITH added AS (INSERT INTO notes (note) SELECT unnest($1::text[]) RETURNING 1)
         SELECT txid_current()::text AS tx FROM added LIMIT 1`,
};
const selectNotes = { name: 'test-select', text: 'SELECT note FROM notes ORDER BY note' };

describe('work that shares its commits', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.url, poolMax: 3 });
    await db.query(createNotes);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const flow = new AsyncLocalStorage<string>();
  const flows: (string | undefined)[] = [];
  const grouped = () =>
    new GroupCommit<string, string>(
      db,
      async (tx, notes) => {
        flows.push(flow.getStore());
        const kept = notes.filter((note) => note !== 'refused');
        const [row] = await tx.query<{ tx: string }>(insertNotes, [kept]);
        return notes.map((note) => (note === 'refused' ? new Error('refused') : (row?.tx ?? '')));
      },
      5,
    );
  const notes = async () => (await db.query<{ note: string }>(selectNotes)).map((row) => row.note);

  it('what is added at once is one transaction; what gathers while it runs, the next one', async () => {
    const group = grouped();
    const first = await Promise.all(['a', 'b', 'c'].map(async (note) => group.add(note)));
    expect(new Set(first).size).toBe(1);
    const seven = Array.from({ length: 7 }, async (_, i) => group.add(`n${i}`));
    const transactions = await Promise.all(seven);
    expect(new Set(transactions.slice(0, 5)).size).toBe(1);
    expect(new Set(transactions).size).toBe(2);
    expect(await notes()).toEqual(expect.arrayContaining(['a', 'b', 'c', 'n0', 'n6']));
  });

  it('an item that is refused fails alone, and takes no other with it', async () => {
    const group = grouped();
    const three = ['d', 'refused', 'e'].map(async (note) => group.add(note));
    const [d, refused, e] = await Promise.allSettled(three);
    expect(refused).toMatchObject({ status: 'rejected', reason: { message: 'refused' } });
    expect(d).toEqual(e);
    expect(await notes()).toEqual(expect.arrayContaining(['d', 'e']));
  });

  it('a transaction that fails is done again an item at a time', async () => {
    const group = grouped();
    const four = ['f', 'a', 'g', 'h'].map(async (note) => group.add(note));
    const ends = (await Promise.allSettled(four)).map(({ status }) => status);
    expect(ends).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await notes()).toEqual(expect.arrayContaining(['f', 'g', 'h']));
  });

  it('one that waits for too long for somebody else fails alone', async () => {
    const slow = new Db({ url: database.url, statementTimeoutMs: 300 });
    const group = new GroupCommit<string, unknown[]>(slow, async (tx, notes) => {
      const [row] = await tx.query(insertNotes, [notes]);
      return notes.map(() => [row]);
    });
    await db.transaction(async (tx) => {
      await tx.query(insertNotes, [['taken']]);
      const three = ['l', 'taken', 'm'].map(async (note) => group.add(note));
      const ends = (await Promise.allSettled(three)).map(({ status }) => status);
      expect(ends).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    });
    expect(await notes()).toEqual(expect.arrayContaining(['l', 'taken', 'm']));
    await slow.close();
  });

  it('none is done again alone when the database is there for none of them', async () => {
    let connections = 0;
    const nobody = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
    const { port } = nobody.address() as AddressInfo;
    const away = new Db({ url: `postgres://shop:pw@127.0.0.1:${port}/shop` });
    const group = new GroupCommit<string, string>(away, async (_tx, notes) =>
      Promise.resolve(notes),
    );
    const three = ['i', 'j', 'k'].map(async (note) => group.add(note));
    for (const end of await Promise.allSettled(three)) {
      expect(end).toMatchObject({ reason: expect.any(DatabaseUnavailable) as unknown });
    }
    expect(connections).toBe(1);
    await away.close();
    nobody.close();
  });

  it('runs in the context of none of those whose work it commits', async () => {
    const group = grouped();
    flows.splice(0);
    await flow.run('a request', async () => group.add('of a request'));
    expect(flows).toEqual([undefined]);
  });
});
