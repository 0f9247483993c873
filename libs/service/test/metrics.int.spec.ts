import { Controller, Get, Injectable, Module, Param } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Db } from '@tradepost/database';
import { Messages, OnRpc, OnWork, once, Rejected, send } from '@tradepost/messaging';
import type { Message } from '@tradepost/messaging';
import { rpc, topic, work } from '@tradepost/messaging/contract';
import {
  AmqpTap,
  createTestDatabase,
  eventually,
  Scrape,
  TcpTap,
  TestBroker,
  openToAll,
} from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import { createService, Open, ServiceConfig, ServiceModule } from '../src';

class Polish {
  static readonly route = work('shop.polish');

  @IsString()
  what!: string;
}

class Lace {
  static readonly route = work('shop.lace', { key: 'shoe' });

  @IsString()
  shoe!: string;
}

class Shine {
  @IsString()
  how!: string;
}

class AskShine {
  static readonly route = rpc('shop.ask-shine', Shine);

  @IsString()
  what!: string;
}

class Smell {
  static readonly route = topic('smells');

  @IsString()
  of!: string;
}

@Injectable()
class PolishWork {
  constructor(private readonly db: Db) {}

  @OnWork(Polish, { retry: ['1s'] })
  async handle({ what }: Polish, message: Message): Promise<void> {
    if (what === 'once' && message.attempt === 1) throw new RangeError('not yet');
    if (what.startsWith('never')) throw new Rejected(what);
    await this.db.transaction((tx) => once(tx, message));
  }
}

@Injectable()
class LaceWork {
  @OnWork(Lace, { orderedBy: 'shoe', partitions: 1, retry: ['10m'], onDead: 'stop' })
  async handle({ shoe }: Lace): Promise<void> {
    return Promise.reject(shoe === 'boot' ? new Rejected('no_lace') : new Error('not yet'));
  }
}

@Injectable()
class AskShineRpc {
  @OnRpc(AskShine)
  async handle({ what }: AskShine): Promise<Shine> {
    if (what === 'mud') throw new Rejected('no_shine');
    return Promise.resolve({ how: 'bright' });
  }
}

@Controller('v1/shoes')
@Open('this is a test')
class ShoesController {
  @Get(':id')
  get(@Param('id') id: string): object {
    return { id };
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig })],
  providers: [PolishWork, LaceWork, AskShineRpc],
  controllers: [ShoesController],
})
class ShopModule {}

const polish = { messaging_destination_name: 'shop.polish' };
const token = 'a-token-for-operators';
const shine = { messaging_destination_name: 'shop.ask-shine' };

describe('GET /metrics', () => {
  let broker: TestBroker;
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let tap: AmqpTap;
  let toDatabase: TcpTap;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    [broker, database] = await Promise.all([TestBroker.create(), createTestDatabase()]);
    tap = await AmqpTap.open(broker.amqpUrl);
    toDatabase = await TcpTap.open(database.serviceUrl);
    app = await createService(ShopModule, {
      ...openToAll,
      AMQP_URL: tap.url,
      POSTGRES_URL: toDatabase.url,
      LOG_LEVEL: 'critical',
      POSTGRES_POOL_MAX: '3',
      OPS_TOKEN: token,
    });
    await app.init();
    await eventually(async () => {
      expect((await app.inject({ url: '/health/ready' })).statusCode).toBe(200);
    });
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([tap.close(), toDatabase.close()]);
    await Promise.all([broker.close(), database.drop()]);
  });

  const scrape = async (): Promise<Scrape> => {
    const { statusCode, headers, payload } = await app.inject({ url: '/metrics' });
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    return new Scrape(payload);
  };

  const heldStatus = async () => {
    const answer = await app.inject({
      url: '/ops/held',
      headers: { authorization: `Bearer ${token}` },
    });
    return answer.statusCode;
  };

  it('has the process, the pool, and all that it asks', async () => {
    const found = await scrape();
    expect(found.value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(found.families.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
    expect(found.value('db_client_connection_max')).toBe(3);
    expect(found.value('metrics_source_up', { source: 'broker' })).toBe(1);
    expect(found.value('metrics_source_up', { source: 'outbox' })).toBe(1);
    expect(found.value('messaging_outbox_lag_seconds')).toBe(0);
    expect(found.value('messaging_connection_up', { connection: 'consuming' })).toBe(1);
    await eventually(async () => {
      expect((await scrape()).value('messaging_queue_consumers', polish)).toBe(1);
    });
  });

  it('counts handled, retried, dead-lettered and absorbed messages, each once', async () => {
    const ids = await Promise.all(
      ['shoes', 'once', 'never'].map(async (what) =>
        app.get(Db).transaction((tx) => send(tx, Polish, { what })),
      ),
    );
    await broker.sendToQueue('shop.polish', { what: 'shoes' }, { messageId: ids[0] });
    await eventually(async () => {
      const found = await scrape();
      const count = (name: string, error = '') =>
        found.value(name, { ...polish, error_type: error });
      expect(count('messaging_client_sent_messages_total')).toBe(3);
      expect(count('messaging_client_consumed_messages_total')).toBe(3);
      expect(count('messaging_client_consumed_messages_total', 'range_error')).toBe(1);
      expect(count('messaging_client_consumed_messages_total', 'never')).toBe(1);
      expect(count('messaging_retried_messages_total', 'range_error')).toBe(1);
      expect(count('messaging_dead_lettered_messages_total', 'never')).toBe(1);
      expect(count('messaging_absorbed_messages_total')).toBe(1);
      expect(count('messaging_process_duration_seconds_count')).toBe(3);
      expect(count('messaging_process_duration_seconds_count', 'never')).toBe(1);
      const published = { messaging_operation_name: 'publish', ...polish };
      expect(found.value('messaging_client_operation_duration_seconds_count', published)).toBe(3);
      const dead = { messaging_destination_name: 'shop.polish.dead' };
      expect(found.value('messaging_dead_letters', dead)).toBe(1);
    });
  });

  it('counts what a handler in order holds, and since when', async () => {
    const lace = { messaging_destination_name: 'shop.lace' };
    const before = await scrape();
    expect(before.value('messaging_held_messages', lace)).toBe(0);
    expect(before.value('messaging_held_keys', { ...lace, state: 'stopped' })).toBe(0);
    expect(before.value('messaging_held_lag_seconds', lace)).toBe(0);
    for (const shoe of ['sandal', 'sandal', 'clog', 'boot']) {
      await app.get(Db).transaction((tx) => send(tx, Lace, { shoe }));
    }
    await eventually(async () => {
      const found = await scrape();
      expect(found.value('messaging_held_messages', lace)).toBe(4);
      expect(found.value('messaging_held_keys', { ...lace, state: 'retrying' })).toBe(2);
      expect(found.value('messaging_held_keys', { ...lace, state: 'stopped' })).toBe(1);
      expect(found.value('messaging_held_lag_seconds', lace)).toBeGreaterThan(0);
    });
    expect((await scrape()).all('messaging_held_messages')).toHaveLength(1);
  });

  it('counts questions, their answers and refusals', async () => {
    const messages = app.get(Messages);
    await messages.ask(AskShine, { what: 'shoes' });
    await expect(messages.ask(AskShine, { what: 'mud' })).rejects.toThrow(Rejected);
    const found = await scrape();
    const asked = { messaging_operation_name: 'ask', ...shine };
    const duration = 'messaging_client_operation_duration_seconds_count';
    expect(found.value(duration, { ...asked, error_type: '' })).toBe(1);
    expect(found.value(duration, { ...asked, error_type: 'no_shine' })).toBe(1);
    const consumed = 'messaging_client_consumed_messages_total';
    expect(found.value(consumed, { ...shine, error_type: 'no_shine' })).toBe(1);
    expect(found.value(consumed, { ...shine, error_type: '' })).toBe(1);
    expect(found.value('messaging_rpc_in_flight')).toBe(0);
  });

  it('names requests by their route', async () => {
    for (const url of ['/v1/shoes/1', '/v1/shoes/2', '/v1/boots']) await app.inject({ url });
    const found = await scrape();
    const name = 'http_server_request_duration_seconds_count';
    const ok = { http_request_method: 'GET', http_response_status_code: '200' };
    expect(found.value(name, { ...ok, http_route: '/v1/shoes/:id' })).toBe(2);
    expect(found.value(name, { http_response_status_code: '404', http_route: '' })).toBe(1);
  });

  it('has no more series after a flood of odd paths, codes, topics and queues', async () => {
    const odd = Array.from({ length: 500 }, (_, number) => `never_${number}`);
    for (const url of odd) await app.inject({ url: `/${url}/${url}`, method: 'DELETE' });
    for (const url of odd) await app.inject({ url: `/v1/shoes/${url}` });
    for (const what of odd) {
      await broker.sendToQueue('shop.polish', { what }, { messageId: what, type: what });
      app.get(Messages).tell(Smell, `smell.${what}`, { of: what });
    }
    await eventually(
      async () => {
        const found = await scrape();
        const dead = found.value('messaging_dead_lettered_messages_total', polish) ?? 0;
        expect(dead).toBeGreaterThan(odd.length);
        const other = { ...polish, error_type: '_OTHER' };
        expect(found.value('messaging_dead_lettered_messages_total', other)).toBeGreaterThan(400);
        expect(found.text).not.toMatch(/never_499|smell\./);
        expect(found.samples.length).toBeLessThan(900);
      },
      { withinMs: 30_000 },
    );
  }, 60_000);

  it('gives the rest while the database or the broker is silent, and says which', async () => {
    toDatabase.freeze();
    tap.freeze();
    await eventually(
      async () => {
        const began = performance.now();
        const found = await scrape();
        expect(performance.now() - began).toBeLessThan(2_500);
        expect(found.value('metrics_source_up', { source: 'outbox' })).toBe(0);
        expect(found.value('metrics_source_up', { source: 'broker' })).toBe(0);
        expect(found.value('messaging_outbox_lag_seconds')).toBeUndefined();
        expect(found.value('messaging_queue_consumers')).toBeUndefined();
        expect(found.value('messaging_absorbed_messages_total', polish)).toBe(1);
      },
      { withinMs: 20_000 },
    );
    // However many ask, there is one question.
    const waiting = async () => (await scrape()).value('db_client_connection_pending_requests');
    const before = (await waiting()) ?? 0;
    await Promise.all(Array.from({ length: 8 }, scrape));
    expect(await waiting()).toBeLessThanOrEqual(before + 1);
    const asked = await Promise.all(Array.from({ length: 8 }, heldStatus));
    expect(new Set(asked)).toEqual(new Set([503]));
    expect(await waiting()).toBeLessThanOrEqual(before + 2);
    toDatabase.thaw();
    tap.thaw();
    await eventually(
      async () => {
        const found = await scrape();
        expect(found.value('metrics_source_up')).toBe(2);
        expect(found.value('messaging_outbox_lag_seconds')).toBe(0);
      },
      { withinMs: 20_000 },
    );
  }, 60_000);
});
