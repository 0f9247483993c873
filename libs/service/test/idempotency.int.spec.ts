import { Body, Controller, HttpCode, Injectable, Module, Post } from '@nestjs/common';
import { testServer, type TestServer } from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import { Idempotency, IdempotencyModule, Idempotent, ServerConfig, ServiceModule } from '../src';
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

  it('forgets a key after a day, not before, with replicas that collect at once', async () => {
    await post('young');
    const text = `INSERT INTO idempotency_records (scope, key, fingerprint, body, created_at)
                  SELECT 'POST /notes', 'old-' || n, '', '{}', now() - interval '25 hours'
                    FROM generate_series(1, 2500) AS n`;
    await server.db.query({ name: 'test-old', text });
    const collector = server.app.get(ForgetRecords);
    const counts = await Promise.all([collector.run(), collector.run(), collector.run()]);
    const rest = await collector.run();
    expect(counts.reduce((sum, count) => sum + count, rest)).toBe(2_500);
    expect((await post('young')).replayed).toBe('true');
  });
});
