import { Injectable, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { work } from '@tradepost/messaging/contract';
import { Db } from '@tradepost/database';
import { OnWork, Rejected, send } from '@tradepost/messaging';
import {
  AmqpTap,
  createTestDatabase,
  eventually,
  TcpTap,
  TestBroker,
  openToAll,
} from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import { createService, type Readiness, ServiceConfig, ServiceModule } from '../src';

class Polish {
  static readonly route = work('shop.polish');

  @IsString()
  what!: string;
}

const hands: (() => void)[] = [];

@Injectable()
class PolishWork {
  @OnWork(Polish)
  async handle({ what }: Polish): Promise<void> {
    if (what === 'hangs') await new Promise<void>((resolve) => hands.push(resolve));
    if (what === 'never') throw new Rejected('not_polishable');
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig })],
  providers: [PolishWork],
})
class ShopModule {}

describe('GET /health/ready', () => {
  let broker: TestBroker;
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let tap: AmqpTap;
  let toDatabase: TcpTap;
  let app: NestFastifyApplication;

  beforeEach(async () => {
    [broker, database] = await Promise.all([TestBroker.create(), createTestDatabase()]);
    tap = await AmqpTap.open(broker.amqpUrl);
    toDatabase = await TcpTap.open(database.serviceUrl);
    app = await createService(ShopModule, {
      ...openToAll,
      AMQP_URL: tap.url,
      POSTGRES_URL: toDatabase.url,
      LOG_LEVEL: 'critical',
      MESSAGE_HELD_MAX_MS: '300',
      CONSUMER_CHECK_MS: '600000',
    });
    await app.init();
    await eventually(async () => expect((await ready()).code).toBe(200));
  });
  afterEach(async () => {
    for (const letGo of hands.splice(0)) letGo();
    await app.close();
    await Promise.all([tap.close(), toDatabase.close()]);
    await Promise.all([broker.close(), database.drop()]);
  });

  const ready = async () => {
    const startedAt = performance.now();
    const answer = await app.inject({ url: '/health/ready' });
    const tookMs = performance.now() - startedAt;
    return { code: answer.statusCode, body: answer.json<Readiness>(), tookMs };
  };

  it('all is well', async () => {
    // Where its connections lead.
    const nodes = [new URL(tap.url).host];
    const { code, body } = await ready();
    expect(code).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      checks: { broker: { status: 'ok', nodes }, database: { status: 'ok' } },
      warnings: [],
      figures: {
        outboxLagSeconds: 0,
        deadLetters: {},
        lateReplies: 0,
        held: {},
        paused: [],
        droppedLogLines: 0,
      },
    });
  });

  it('a message held too long: 503 with its handler’s name, 200 when it is done', async () => {
    await broker.publish(Polish, { what: 'hangs' });
    await eventually(async () => {
      const { code, body } = await ready();
      expect(code).toBe(503);
      expect(body.checks.broker?.problems).toEqual([
        expect.stringMatching(/^shop\.polish: PolishWork\.handle has had a message for \d+ s$/),
      ]);
    });
    for (const letGo of hands.splice(0)) letGo();
    await eventually(async () => expect((await ready()).code).toBe(200));
  });

  it('dead letters: 200 with a warning', async () => {
    await broker.publish(Polish, { what: 'never' });
    await eventually(async () => {
      const { code, body } = await ready();
      expect(body.warnings).toEqual(['shop.polish.dead: 1 dead letter']);
      expect(body.figures?.deadLetters).toEqual({ 'shop.polish.dead': 1 });
      expect(code).toBe(200);
    });
  });

  it('frozen broker: 503 within 3 s each time, with the outbox’s lag; 200 when it is back', async () => {
    tap.freeze();
    await app.get(Db).transaction((tx) => send(tx, Polish, { what: 'table' }));
    await eventually(async () => expect((await ready()).code).toBe(503));
    const answers = await Promise.all(Array.from({ length: 20 }, ready));
    expect(answers.filter(({ code }) => code !== 503)).toEqual([]);
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(3_300);
    await eventually(
      async () => {
        const { warnings } = (await ready()).body;
        expect(warnings?.join()).toMatch(
          /outbox: the oldest unsent message has waited for [\d.]+ s/,
        );
      },
      { withinMs: 20_000 },
    );
    tap.thaw();
    await eventually(async () => expect((await ready()).code).toBe(200), { withinMs: 20_000 });
  }, 60_000);

  it('frozen database: 503 within 3 s, however many ask; 200 when it goes on', async () => {
    toDatabase.freeze();
    // More at once than the pool has connections.
    const answers = await Promise.all(Array.from({ length: 20 }, ready));
    for (const { code, body } of answers) {
      expect(code).toBe(503);
      expect(body.checks).toEqual({
        broker: expect.objectContaining({ status: 'ok' }) as object,
        database: { status: 'failing', problems: ['no answer in 3000 ms'] },
      });
      expect(body.figures?.outboxLagSeconds).toBeNull();
    }
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(3_300);
    toDatabase.thaw();
    await eventually(async () => expect((await ready()).code).toBe(200));
  }, 60_000);
});
