import { connect, createServer, type AddressInfo } from 'node:net';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { createDatabase, databaseUrl, Db, dropDatabase, migrate } from '@tradepost/database';
import {
  createTestDatabase,
  environment,
  eventually,
  type TestDatabase,
} from '@tradepost/test-kit';
import { Client } from 'pg';

const createNotes = { name: 'test-create', text: 'CREATE TABLE notes (note text PRIMARY KEY)' };
const insertNote = { name: 'test-insert', text: 'INSERT INTO notes (note) VALUES ($1)' };
const selectNotes = { name: 'test-select', text: 'SELECT note FROM notes ORDER BY note' };

describe('a database of a service', () => {
  let database: TestDatabase;
  let db: Db;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = new Db({ url: database.url, poolMax: 2 });
    await db.query(createNotes);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const notes = async () => (await db.query<{ note: string }>(selectNotes)).map((row) => row.note);

  it('commits what resolves and rolls back what throws, and says so to those who listen', async () => {
    const heard: string[] = [];
    db.onCommit('test', () => heard.push('committed'));
    await db.transaction(async (tx) => {
      await tx.query(insertNote, ['kept']);
      tx.note('test');
      expect(heard).toEqual([]);
    });
    const failing = db.transaction(async (tx) => {
      await tx.query(insertNote, ['dropped']);
      tx.note('test');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await notes()).toEqual(['kept']);
    expect(heard).toEqual(['committed']);
  });

  it('stays committed when one who listens throws, and the others hear of it too', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    let heard = 0;
    db.onCommit('broken', () => {
      throw new Error('a broken listener');
    });
    db.onCommit('broken', () => (heard += 1));
    const committed = db.transaction(async (tx) => {
      await tx.query(insertNote, ['committed']);
      tx.note('broken');
      return 'the result';
    });
    await expect(committed).resolves.toBe('the result');
    expect(await notes()).toContain('committed');
    expect(heard).toBe(1);
    const error = new Error('a broken listener');
    expect(logged).toHaveBeenCalledWith('commit listener failed', { error });
    logged.mockRestore();
  });

  it('reads int8 as a number, and leaves the parsers of other users of pg alone', async () => {
    const [row] = await db.query({ name: 'test-int8', text: 'SELECT 9007199254740991::int8 AS n' });
    expect(row).toEqual({ n: Number.MAX_SAFE_INTEGER });
    const tooLarge = db.query({ name: 'test-big', text: 'SELECT 9007199254740992::int8 AS n' });
    await expect(tooLarge).rejects.toThrow(RangeError);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query('SELECT 1::int8 AS n');
    expect(rows).toEqual([{ n: '1' }]);
    await client.end();
  });

  it('outlives a connection that the server ends in the midst of a transaction', async () => {
    const suicide = { name: 'test-end', text: 'SELECT pg_terminate_backend(pg_backend_pid())' };
    const dying = db.transaction(async (tx) => {
      await tx.query(insertNote, ['lost']);
      await tx.query(suicide);
    });
    await expect(dying).rejects.toThrow();
    await eventually(async () => expect(await notes()).not.toContain('lost'));
  });

  it('throws when a failed statement was ignored: nothing is committed', async () => {
    const careless = db.transaction(async (tx) => {
      await tx.query(insertNote, ['careless']);
      await tx.query(insertNote, ['careless']).catch(() => undefined);
    });
    await expect(careless).rejects.toThrow('rolled back');
    expect(await notes()).not.toContain('careless');
  });

  it('writes without an answer are committed with the rest, and seen by what comes after', async () => {
    await db.transaction(async (tx) => {
      tx.write(insertNote, ['written first']);
      expect(await tx.query(selectNotes)).toContainEqual({ note: 'written first' });
      tx.write(insertNote, ['written last']);
    });
    expect(await notes()).toEqual(expect.arrayContaining(['written first', 'written last']));
  });

  it('a write that fails is thrown by the transaction, and nothing is committed', async () => {
    let heard = 0;
    db.onCommit('written', () => (heard += 1));
    const failing = db.transaction(async (tx) => {
      tx.write(insertNote, ['unwritten']);
      tx.write(insertNote, ['unwritten']);
      tx.write(insertNote, ['after it']);
      tx.note('written');
      return Promise.resolve();
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await notes()).not.toContain('unwritten');
    expect(heard).toBe(0);
  });

  it('throws the first error, not the refusal of what came after it', async () => {
    const failing = db.transaction(async (tx) => {
      tx.write(insertNote, ['first error']);
      tx.write(insertNote, ['first error']);
      await tx.query(selectNotes);
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    const own = db.transaction(async (tx) => {
      tx.write(insertNote, ['own error']);
      await tx.query(selectNotes);
      throw new Error('my own');
    });
    await expect(own).rejects.toThrow('my own');
    expect(await notes()).not.toEqual(expect.arrayContaining(['own error']));
  });

  it('a write that cannot even be sent takes the others back', async () => {
    const circular: unknown[] = [];
    circular.push({ circular });
    const other = { name: insertNote.name, text: 'SELECT $1::text' };
    for (const [sql, values] of [
      [insertNote, circular],
      [other, ['x']],
    ] as const) {
      const failing = db.transaction(async (tx) => {
        tx.write(insertNote, ['alone']);
        tx.write(sql, [...values]);
        return Promise.resolve();
      });
      await expect(failing).rejects.toThrow(/circular|unique/);
      expect(await notes()).not.toContain('alone');
    }
  });

  it('refuses to wait for ever for a server that is gone without a word', async () => {
    const { hostname, port } = new URL(database.url);
    let fallSilent = () => {};
    const way = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.pipe(far).pipe(near);
      fallSilent = () => void far.unpipe(near);
    });
    await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
    const url = new URL(database.url);
    url.host = `127.0.0.1:${(way.address() as AddressInfo).port}`;
    const distant = new Db({ url: url.href, poolMax: 1, statementTimeoutMs: 100 });
    const hanging = distant.transaction(async () => Promise.resolve(fallSilent()));
    await expect(hanging).rejects.toThrow(/timeout/);
    await distant.close();
    way.close();
  }, 15_000);

  it('refuses to wait for ever when every connection is taken', async () => {
    const small = new Db({ url: database.url, poolMax: 1, acquireTimeoutMs: 1_000 });
    await small.transaction(async () => {
      await expect(small.ping()).rejects.toThrow(/timeout/);
    });
    await small.close();
  });
});

it('a new database sorts and compares as any other, whatever the server has as its default', async () => {
  const { url, drop } = await createTestDatabase();
  const db = new Db({ url, poolMax: 1 });
  const text = `
    SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype,
           datlocprovider AS provider
    FROM pg_database WHERE datname = current_database()`;
  const wanted = { encoding: 'UTF8', collate: 'C', ctype: 'C', provider: 'c' };
  expect(await db.query({ name: 'test-locale', text })).toEqual([wanted]);
  await db.close();
  await drop();
});

describe('migrations', () => {
  const name = `test_migrate_${process.pid}_${Date.now()}`;
  const role = `${name}_role`;
  const { postgresUrl } = environment();
  const url = databaseUrl(postgresUrl, { name });
  let folder: string;

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'tradepost-')), 'thing', 'migrations');
    await mkdir(folder, { recursive: true });
    await createDatabase(postgresUrl, { name, role, password: 'secret' });
    await writeFile(join(folder, '0001-notes.sql'), guardedNotes);
  });
  afterAll(async () => {
    await dropDatabase(postgresUrl, name);
    const admin = new Db({ url: postgresUrl, poolMax: 1 });
    await admin.query({ name: 'test-drop-role', text: `DROP ROLE "${role}"` });
    await admin.close();
    await rm(join(folder, '../..'), { recursive: true });
  });

  it('are applied once, however many processes begin at the same time', async () => {
    const runs = [1, 2, 3].map(() => migrate({ url, folders: [folder], grantTo: role }));
    const applied = (await Promise.all(runs)).flat();
    expect(applied).toEqual(['thing/0001-notes.sql']);
  });

  it('that fail leave nothing of themselves, and are tried again', async () => {
    const file = join(folder, '0002-broken.sql');
    await writeFile(file, 'CREATE TABLE half (id int); SELECT nonsense;');
    await expect(migrate({ url, folders: [folder] })).rejects.toThrow(/0002-broken/);
    await writeFile(file, 'CREATE TABLE half (id int);');
    expect(await migrate({ url, folders: [folder] })).toEqual(['thing/0002-broken.sql']);
  });

  it('leave the password of a role that is there, and one that may not log in closed', async () => {
    const again = () => createDatabase(postgresUrl, { name, role });
    const enter = async (password: string) => {
      const db = new Db({ url: databaseUrl(postgresUrl, { name, role, password }), poolMax: 1 });
      await db.query({ name: 'test-enter', text: 'SELECT 1' }).finally(() => db.close());
    };
    const admin = new Db({ url: postgresUrl, poolMax: 1 });
    const alter = (text: string) =>
      admin.query({ name: `test-${text}`, text: `ALTER ROLE "${role}" ${text}` });
    await again();
    await enter('secret');
    await alter('NOLOGIN');
    await again();
    await createDatabase(postgresUrl, { name, role, password: 'secret' });
    await expect(enter('secret')).rejects.toThrow(/not permitted to log in/);
    await alter('LOGIN');
    await admin.close();
    await enter('secret');
  });

  it('give the role of the service its rows, and no way around what guards them', async () => {
    const db = new Db({ url: databaseUrl(postgresUrl, { name, role, password: 'secret' }) });
    const as = (text: string) => db.query({ name: text, text });
    await as(`INSERT INTO notes (note) VALUES ('written')`);
    await expect(as(`UPDATE notes SET note = 'altered'`)).rejects.toThrow('notes stay');
    await expect(as('ALTER TABLE notes DISABLE TRIGGER ALL')).rejects.toThrow(/owner/);
    await expect(as('DROP TABLE notes')).rejects.toThrow(/owner/);
    await expect(as('TRUNCATE notes')).rejects.toThrow(/denied/);
    await db.close();
  });
});

const guardedNotes = `
  CREATE TABLE notes (note text PRIMARY KEY);
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'notes stay'; END $$;
  CREATE TRIGGER stay BEFORE UPDATE OR DELETE ON notes FOR EACH ROW EXECUTE FUNCTION refuse();
`;
