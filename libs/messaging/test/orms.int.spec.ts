import {
  once,
  OnWork,
  send,
  WiringError,
  type Message,
  type Transaction,
} from '@tradepost/messaging';
import { eventually, type Listener } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forgetOld } from '../src/outbox/inbox';
import { outboxLag } from '../src/outbox/outbox';
import { Bench } from './bench';
import { DoWork, Happened } from './contracts';
import { LineMoved } from './line-senders';
import { openDrizzle } from './orms/drizzle-orm';
import { openKysely } from './orms/kysely-orm';
import type { TestOrm } from './orms/orm';
import { openPrisma } from './orms/prisma-orm';
import { openTypeOrm } from './orms/type-orm';

const rolledBack = new Error('rolled back');
const statement = (text: string) => ({ name: `test-${text}`.slice(0, 63), text });
const nowhere = statement('INSERT INTO nowhere VALUES (1)');
/** The poll takes it at once, or never: then only the memory of its process sends it. */
const dueNow = statement('UPDATE outbox SET not_before = now()');
const neverDue = statement(`UPDATE outbox SET not_before = 'infinity'`);

/** PostgreSQL has no such text. */
const refused = '\u0000';

const token = Symbol('database');

async function migrations(): Promise<string[]> {
  const folder = join(__dirname, '../migrations');
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => readFile(join(folder, name), 'utf8')));
}

describe.each<[string, (url: string) => Promise<TestOrm>]>([
  ['Kysely', openKysely],
  ['Drizzle', openDrizzle],
  ['TypeORM', openTypeOrm],
  ['Prisma', openPrisma],
])('a database by %s', (_name, open) => {
  let bench: Bench;
  let orm: TestOrm;
  let heard: Listener<Happened>;

  class Worker {
    @OnWork(DoWork, { retry: [] })
    async handle({ what }: DoWork, message: Message): Promise<void> {
      await orm.database.transaction(async (tx, handle) => {
        if (!(await once(tx, message))) return;
        await orm.insert(handle, what);
        await send(tx, Happened, { what });
      });
    }
  }

  const listen = async () => bench.broker.listen(Happened);
  const names = () => heard.messages.map(({ body }) => body.what);

  beforeAll(async () => {
    bench = await Bench.open();
    orm = await open(bench.databaseUrl);
    const database = {
      module: class Database {},
      providers: [{ provide: token, useValue: orm.database }],
      exports: [token],
    };
    await bench.start([Worker], { database: token, imports: [database] });
  });
  afterAll(async () => {
    await bench.stop();
    await orm.close();
    await bench.close();
  });
  beforeEach(async () => {
    await bench.db.query(statement('DELETE FROM effects'));
    heard = await listen();
  });

  /** What comes before it on its way has come when it has. */
  async function heardBeforeLast(): Promise<string[]> {
    await orm.database.transaction(async (tx) => send(tx, Happened, { what: 'last' }));
    await eventually(() => expect(names()).toContain('last'));
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    return names().slice(0, -1);
  }

  it('sends at once, and once, what commits', async () => {
    await orm.database.transaction(async (tx, handle) => {
      await orm.insert(handle, 'kept');
      await send(tx, Happened, { what: 'by tx' });
      await send(orm.database.in(handle), Happened, { what: 'by handle' });
      await tx.query(neverDue);
    });
    expect(await heardBeforeLast()).toEqual(['by tx', 'by handle']);
    expect(await bench.effects()).toEqual(['kept']);
  });

  it('sends what has a key in the order of the calls', async () => {
    const { messages } = await bench.broker.listen(LineMoved);
    const steps = [1, 2, 3];
    await orm.database.transaction(async (tx) => {
      for (const step of steps) await send(tx, LineMoved, { line: 'a', step });
    });
    await orm.own(async (handle) => {
      await send(orm.database.in(handle), LineMoved, { line: 'a', step: 4 });
    });
    await eventually(() => expect(messages.map(({ body }) => body.step)).toEqual([...steps, 4]));
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
  });

  it('sends nothing of what is rolled back', async () => {
    const work = async (tx: Transaction, handle: object) => {
      await orm.insert(handle, 'never');
      await send(tx, Happened, { what: 'never' });
      throw rolledBack;
    };
    await expect(orm.database.transaction(work)).rejects.toBe(rolledBack);
    const own = orm.own(async (handle) => work(orm.database.in(handle), handle));
    await expect(own).rejects.toBe(rolledBack);
    expect(await heardBeforeLast()).toEqual([]);
    expect(await bench.effects()).toEqual([]);
  });

  it(`sends what commits in the service's own transaction, by the poll`, async () => {
    const began = Date.now();
    await orm.own(async (handle) => {
      const tx = orm.database.in(handle);
      await orm.insert(handle, 'kept');
      await send(tx, Happened, { what: 'by poll' });
      await tx.query(dueNow);
    });
    await eventually(() => expect(names()).toEqual(['by poll']));
    const { timestamp = 0 } = heard.messages[0]?.properties ?? {};
    expect(Math.abs(timestamp * 1_000 - began)).toBeLessThan(60_000);
    expect(await heardBeforeLast()).toEqual(['by poll']);
    expect(await bench.effects()).toEqual(['kept']);
  });

  it('tells of a statement that failed, though nobody waited, and rolls all back', async () => {
    const work = async (tx: Transaction, handle: object) => {
      await orm.insert(handle, 'never');
      await send(tx, Happened, { what: 'never' });
      void tx.write(nowhere);
    };
    await expect(orm.database.transaction(work)).rejects.toThrow(/nowhere/);
    const own = orm.own(async (handle) => orm.database.in(handle).write(nowhere));
    await expect(own).rejects.toThrow(/nowhere/);
    expect(await heardBeforeLast()).toEqual([]);
    expect(await bench.effects()).toEqual([]);
  });

  it(`tells of a statement of the ORM's that failed, though the service let it pass`, async () => {
    const passing = orm.database.transaction(async (tx, handle) => {
      await send(tx, Happened, { what: 'never' });
      await orm.insert(handle, refused).catch(() => undefined);
    });
    await expect(passing).rejects.toThrow();
    expect(await heardBeforeLast()).toEqual([]);
  });

  it('sends nothing of what a savepoint takes back', async () => {
    await orm.database.transaction(async (tx) => {
      await send(tx, Happened, { what: 'kept' });
      await tx.query(statement('SAVEPOINT here'));
      await send(tx, Happened, { what: 'never' });
      await tx.query(statement('ROLLBACK TO SAVEPOINT here'));
    });
    expect(await heardBeforeLast()).toEqual(['kept']);
  });

  it('knows a copy', async () => {
    const messageId = randomUUID();
    await bench.broker.publish(DoWork, { what: 'once' }, { messageId });
    await bench.broker.publish(DoWork, { what: 'once' }, { messageId });
    await bench.broker.publish(DoWork, { what: 'other' });
    await eventually(async () => expect(await bench.effects()).toEqual(['once', 'other']));
    await eventually(async () => expect(await bench.broker.depth(DoWork.route.queue)).toBe(0));
    expect((await heardBeforeLast()).sort()).toEqual(['once', 'other']);
    expect(await bench.broker.allDeadLetters()).toEqual({});
  });

  it('refuses what is in no transaction', () => {
    expect(() => orm.database.in(orm.outside)).toThrow(WiringError);
  });

  it('applies the migrations that come with the package', async () => {
    const applying = orm.own(async (handle) => {
      await orm.raw(
        handle,
        `DROP TABLE outbox, inbox, held_messages, partition_replicas;
        DROP SCHEMA partitions CASCADE`,
      );
      for (const text of await migrations()) await orm.raw(handle, text);
      await send(orm.database.in(handle), Happened, { what: 'never' });
      throw rolledBack;
    });
    await expect(applying).rejects.toBe(rolledBack);
  });

  it('gives figures, and forgets marks, outside transactions', async () => {
    await bench.db.query(
      statement(`INSERT INTO inbox VALUES ('q', 'x', now() - interval '9 days')`),
    );
    expect(await forgetOld(orm.database, 7, 100)).toBe(1);
    expect(await outboxLag(orm.database)).toBe(0);
  });
});
