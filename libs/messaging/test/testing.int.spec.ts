import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagingModule, once, OnWork, send, type Message } from '@tradepost/messaging';
import { eventually, TestBroker, TestDatabase } from '@tradepost/messaging/testing';
import { v7 } from 'uuid';
import { DoWork, Happened } from './contracts';
import { openKysely } from './orms/kysely-orm';
import type { TestOrm } from './orms/orm';

const token = Symbol('database');
const effects = 'CREATE TABLE effects (note text NOT NULL)';

describe('a handler', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let orm: TestOrm;
  let app: INestApplicationContext;

  class Worker {
    @OnWork(DoWork, { retry: [] })
    async handle({ what }: DoWork, message: Message): Promise<void> {
      if (what === 'refused') throw new RangeError('no');
      await orm.database.transaction(async (tx, handle) => {
        if (!(await once(tx, message))) return;
        await orm.insert(handle, what);
        await send(tx, Happened, { what });
      });
    }
  }

  beforeAll(async () => {
    broker = await TestBroker.create();
    database = await TestDatabase.create({ migrations: [effects] });
    orm = await openKysely(database.url);
    @Module({ providers: [{ provide: token, useValue: orm.database }], exports: [token] })
    class DatabaseModule {}
    const { amqpUrl } = broker;
    const options = { service: 'tests', amqpUrl, prefetch: 10, imports: [DatabaseModule] };
    @Module({
      imports: [MessagingModule.forRoot({ ...options, database: token })],
      providers: [Worker],
    })
    class AppModule {}
    app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  });
  afterAll(async () => {
    await app?.close();
    await orm?.close();
    await database?.drop();
    await broker?.close();
  });

  it('is tested on a virtual host and a database of its own', async () => {
    const happened = await broker.listen(Happened);
    const messageId = v7();
    await eventually(() => broker.publish(DoWork, { what: 'a' }, { messageId }));
    await broker.publish(DoWork, { what: 'a' }, { messageId });
    await broker.publish(DoWork, { what: 'refused' });
    await broker.publish(DoWork, { what: 'b' });
    // Ten handlers run at once: which of them ends first is not promised.
    await eventually(() =>
      expect(happened.messages.map(({ body }) => body.what).sort()).toEqual(['a', 'b']),
    );
    await eventually(async () =>
      expect(await broker.deadLetters('tests.do-work')).toMatchObject([
        { body: { what: 'refused' }, headers: { 'x-error-code': 'range_error' } },
      ]),
    );
    const count = { name: 'count', text: 'SELECT note FROM effects ORDER BY note' };
    expect(await orm.database.query(count)).toEqual([{ note: 'a' }, { note: 'b' }]);
  });
});

describe('TestDatabase', () => {
  it('leaves nothing behind when a migration fails', async () => {
    const tellsWhere = `DO $$ BEGIN RAISE EXCEPTION 'failed in %', current_database(); END $$`;
    const failed: unknown = await TestDatabase.create({ migrations: [tellsWhere] }).catch(
      (error: unknown) => error,
    );
    const [, name] = /failed in (test_\w+)/.exec(String(failed)) ?? [];
    expect(name).toBeDefined();
    const orm = await openKysely(process.env.POSTGRES_URL ?? '');
    const text = 'SELECT FROM pg_database WHERE datname = $1';
    expect(await orm.database.query({ name: 'there', text }, [name])).toEqual([]);
    await orm.close();
  });
});
