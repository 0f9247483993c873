import { Body, Controller, HttpCode, Injectable, Module, Post } from '@nestjs/common';
import { databaseUrl, Db } from '@tradepost/database';
import { environment, testServer, type TestServer } from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import {
  Idempotency,
  IdempotencyModule,
  Idempotent,
  Open,
  ServerConfig,
  ServiceModule,
} from '../src';
import { currentRequest } from '../src/http/idempotency/idempotent-request';
import { ForgetRecords } from '../src/http/idempotency/forget-records';

class NoteRequest {
  @IsString()
  text!: string;
}

/** What a use case does, as the test wants it. */
@Injectable()
class Work {
  done = 0;
  do: () => Promise<void> = async () => Promise.resolve();
}

@Controller()
@Open('this is a test')
class NotesController {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly work: Work,
  ) {}

  @Post('notes')
  @HttpCode(202)
  @Idempotent()
  async write(@Body() { text }: NoteRequest): Promise<object> {
    return this.idempotency.transaction(async () => {
      await this.work.do();
      this.work.done += 1;
      return { id: this.work.done, text, at: new Date() };
    });
  }

  @Post('careless')
  @Idempotent()
  careless(): object {
    return {};
  }
}

// Any name whose database has the table of records.
@Module({
  imports: [
    ServiceModule.forRoot({ name: 'orders', config: ServerConfig, broker: false }),
    IdempotencyModule,
  ],
  controllers: [NotesController],
  providers: [Work],
})
class NotesModule {}

describe('an @Idempotent() route', () => {
  let server: TestServer;
  let work: Work;

  beforeAll(async () => {
    server = await testServer(NotesModule);
    work = server.app.get(Work);
  });
  afterAll(async () => server.stop());
  beforeEach(() => {
    work.done = 0;
    work.do = async () => Promise.resolve();
  });

  async function post(key?: string, body: object = { text: 'hello' }, path = '/notes') {
    const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(server.url + path, init);
    const replayed = response.headers.get('idempotent-replayed');
    return { status: response.status, replayed, text: await response.text(), response };
  }

  it('does its work once for all requests with one key, and answers the same bytes', async () => {
    const first = await post('once');
    const second = await post('once');
    expect([first.status, first.replayed]).toEqual([202, null]);
    expect([second.status, second.replayed, second.text]).toEqual([202, 'true', first.text]);
    expect(work.done).toBe(1);
  });

  it('does its work for each request without a key', async () => {
    await post();
    await post();
    expect(work.done).toBe(2);
  });

  it('refuses another request with a known key, and what is not valid before it', async () => {
    await post('known');
    expect((await post('known', { text: 'bye' })).text).toContain('idempotency-key-reused');
    expect((await post('known', { text: 7 })).status).toBe(400);
  });

  it('answers 409 while the first request runs, and does the work when that failed', async () => {
    let fail = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      work.do = async () => {
        resolve();
        await new Promise<void>((_, reject) => (fail = () => reject(new Error('on purpose'))));
      };
    });
    const first = post('running');
    await started;
    const second = await post('running');
    expect([second.status, second.response.headers.get('retry-after')]).toEqual([409, '1']);
    expect(second.text).toContain('idempotency-key-in-use');
    fail();
    expect((await first).status).toBe(500);

    work.do = async () => Promise.resolve();
    const third = await post('running');
    expect([third.status, third.replayed, work.done]).toEqual([202, null, 1]);
  });

  it('replays to many requests at the same time', async () => {
    const first = await post('crowd');
    const crowd = await Promise.all(Array.from({ length: 20 }, async () => post('crowd')));
    for (const { status, text } of crowd) expect([status, text]).toEqual([202, first.text]);
  });

  it('may not forget to keep its record', async () => {
    expect((await post('careless', {}, '/careless')).status).toBe(500);
    expect((await post(undefined, {}, '/careless')).status).toBe(201);
  });

  it('a group shares a transaction; what fails, or comes twice, fails alone', async () => {
    const groups: string[][] = [];
    const place = server.app.get(Idempotency).group(async (_tx, items: string[]) => {
      groups.push(items);
      return Promise.resolve(
        items.map((item) => (item === 'bad' ? new Error('bad') : { item, n: groups.length })),
      );
    });
    const withKey = async (key: string, item: string) => {
      const request = { scope: 'group', key, fingerprint: () => Buffer.from(item) };
      return currentRequest.run(request, async () => place(item));
    };
    const first = [place('plain'), withKey('a', 'one'), withKey('a', 'one')];
    const answers = await Promise.allSettled([...first, withKey('b', 'bad'), withKey('c', 'two')]);
    expect(groups).toEqual([['plain', 'one', 'bad', 'two']]);
    expect(answers).toMatchObject([
      { value: { item: 'plain' } },
      { value: { item: 'one' } },
      { reason: { details: { status: 409 } } },
      { reason: { message: 'bad' } },
      { value: { item: 'two' } },
    ]);
    const later = [withKey('a', 'one'), withKey('c', 'other'), withKey('b', 'good')];
    expect(await Promise.allSettled(later)).toMatchObject([
      { value: { item: 'one', n: 1 } },
      { reason: { details: { status: 422 } } },
      { value: { item: 'good', n: 2 } },
    ]);
    expect(groups.slice(1)).toEqual([['good']]);
  });

  it('a group that throws is done one by one, each with its key or none', async () => {
    const place = server.app.get(Idempotency).group(async (_tx, items: string[]) => {
      if (items.includes('bad')) throw new Error('bad');
      return Promise.resolve(items.map((item) => ({ item })));
    });
    const request = { scope: 'thrown', key: 'a', fingerprint: () => Buffer.from('') };
    const keyed = async (item: string) =>
      currentRequest.run({ ...request }, async () => place(item));
    const answers = await Promise.allSettled([keyed('bad'), place('good')]);
    expect(answers).toMatchObject([{ reason: { message: 'bad' } }, { value: { item: 'good' } }]);
    expect(await keyed('better')).toEqual({ item: 'better' });
  });

  it('refuses what is more than may wait for a commit, until some of it is done', async () => {
    const place = server.app
      .get(Idempotency)
      .group(async (_tx, items: number[]) => Promise.resolve(items.map((n) => ({ n }))));
    const answers = await Promise.allSettled(
      Array.from({ length: 1_001 }, async (_, n) => place(n)),
    );
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([
      { reason: { details: { status: 503 }, headers: { 'Retry-After': '1' } } },
    ]);
    expect(await place(7)).toEqual({ n: 7 });
  });

  it('a transaction rejects for a key of another request, and rolls back', async () => {
    const keyed = async (body: string) => {
      const request = { scope: 'alone', key: 'a', fingerprint: () => Buffer.from(body) };
      const work = async () => Promise.resolve({ body });
      return currentRequest.run(request, async () => server.app.get(Idempotency).transaction(work));
    };
    expect(await keyed('one')).toEqual({ body: 'one' });
    await expect(keyed('other')).rejects.toMatchObject({ details: { status: 422 } });
  });

  it('counts a key for a day, not longer, and forgets it with its day', async () => {
    await post('young');
    await post('old');
    const age = `UPDATE idempotency_records SET created_at = now() - interval '25 hours'
                  WHERE key = 'old'`;
    const older = `INSERT INTO idempotency_records (scope, key, fingerprint, body, created_at)
                   SELECT 'POST /notes', 'older-' || n, '', '{}', now() - n * interval '1 day'
                     FROM generate_series(3, 9) AS n`;
    await server.db.query({ name: 'test-age', text: age });
    await server.db.query({ name: 'test-older', text: older });
    expect((await post('old')).replayed).toBeNull();
    expect((await post('old')).replayed).toBe('true');
    const collector = server.app.get(ForgetRecords);
    await Promise.all([collector.run(), collector.run(), collector.run()]);
    const text = `SELECT key FROM idempotency_records WHERE key LIKE 'older-%'`;
    expect(await server.db.query({ name: 'test-rest', text })).toEqual([]);
    expect((await post('young')).replayed).toBe('true');
  });

  it('counts a key whose day has no partition, until it is made and after', async () => {
    const [row] = await server.db.query<{ name: string; today: string }>({
      name: 'test-today',
      text: `SELECT current_database() AS name,
                    'idempotency_records_' || to_char(now(), 'YYYYMMDD') AS today`,
    });
    const owner = new Db({
      url: databaseUrl(environment().postgresUrl, { name: row?.name ?? '' }),
    });
    await owner.query({ name: 'test-drop', text: `DROP TABLE ${row?.today}` });
    await owner.close();
    expect((await post('without a day')).replayed).toBeNull();
    expect((await post('without a day')).replayed).toBe('true');
    await server.app.get(ForgetRecords).run();
    expect((await post('without a day')).replayed).toBe('true');
  });
});
