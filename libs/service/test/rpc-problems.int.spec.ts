import { Controller, Get, Injectable, Module, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Db } from '@tradepost/database';
import { Messages, OnRpc, OnWork, send } from '@tradepost/messaging';
import { rpc, work } from '@tradepost/messaging/contract';
import {
  AmqpTap,
  createTestDatabase,
  eventually,
  TcpTap,
  TestBroker,
  openToAll,
} from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import { createService, Open, ServiceConfig, ServiceModule } from '../src';

class Price {
  @IsString()
  amount!: string;
}

class GetPrice {
  static readonly route = rpc('shop.get-price', Price);

  @IsString()
  sku!: string;
}

class GetStock extends GetPrice {
  static override readonly route = rpc('stock.get-stock', Price);
}

class Polish {
  static readonly route = work('shop.polish');

  @IsString()
  what!: string;
}

@Injectable()
class Handlers {
  @OnRpc(GetPrice)
  async getPrice({ sku }: GetPrice): Promise<Price> {
    if (sku === 'slow') await new Promise(() => undefined);
    if (sku === 'broken') throw new Error('a secret of the inside');
    return Promise.resolve({ amount: '12' });
  }

  @OnWork(Polish)
  async polish(): Promise<void> {
    await Promise.resolve();
  }
}

@Controller('v1')
@Open('this is a test')
class Prices {
  constructor(
    private readonly messages: Messages,
    private readonly db: Db,
  ) {}

  @Get('prices/:sku')
  async price(@Param('sku') sku: string): Promise<Price> {
    return this.messages.ask(GetPrice, { sku }, { timeoutMs: 300 });
  }

  @Get('stock')
  async stock(): Promise<Price> {
    return this.messages.ask(GetStock, { sku: 'MUG' });
  }

  @Post('polishes')
  async polish(): Promise<object> {
    return { id: await this.db.transaction((tx) => send(tx, Polish, { what: 'mug' })) };
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig })],
  controllers: [Prices],
  providers: [Handlers],
})
class ShopModule {}

describe('a controller behind which another service does not answer', () => {
  let broker: TestBroker;
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let toBroker: AmqpTap;
  let toDatabase: TcpTap;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    [broker, database] = await Promise.all([TestBroker.create(), createTestDatabase()]);
    toBroker = await AmqpTap.open(broker.amqpUrl);
    toDatabase = await TcpTap.open(database.serviceUrl);
    app = await createService(ShopModule, {
      ...openToAll,
      AMQP_URL: toBroker.url,
      POSTGRES_URL: toDatabase.url,
      LOG_LEVEL: 'critical',
    });
    await app.init();
    await answersWell();
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([toBroker.close(), toDatabase.close()]);
    await Promise.all([broker.close(), database.drop()]);
  });

  const answersWell = async () =>
    eventually(async () => expect(await get('prices/MUG')).toMatchObject({ status: 200 }));

  async function inject(method: 'GET' | 'POST', path: string) {
    const answer = await app.inject({ method, url: `/v1/${path}` });
    const retryAfter = answer.headers['retry-after'];
    return { status: answer.statusCode, retryAfter, ...answer.json<{ detail?: string }>() };
  }
  const get = async (path: string) => inject('GET', path);
  const type = (slug: string) => `https://tradepost.dev/problems/${slug}`;

  it('answers 504 when that takes too long, and says who did', async () => {
    expect(await get('prices/slow')).toEqual({
      status: 504,
      type: type('rpc-timeout'),
      title: 'Another service did not answer in time',
      detail: 'shop.get-price did not answer in 300 ms',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it('answers 503 when nobody was ever there to answer', async () => {
    expect(await get('stock')).toMatchObject({
      status: 503,
      retryAfter: '5',
      type: type('rpc-failed'),
      detail: 'stock.get-stock: no service that answers it has ever started',
    });
  });

  it('answers 503 when that failed, and does not say how', async () => {
    expect(await get('prices/broken')).toMatchObject({
      status: 503,
      type: type('rpc-failed'),
      detail: 'shop.get-price: the handler failed',
    });
  });

  it('answers 503 while the broker is away; what it only sends is taken', async () => {
    toBroker.sever();
    try {
      await eventually(async () =>
        expect(await get('prices/MUG')).toMatchObject({
          status: 503,
          type: type('rpc-failed'),
          detail: 'shop.get-price: not asked in 300 ms, for want of a connection to the broker',
        }),
      );
      expect(await inject('POST', 'polishes')).toMatchObject({ status: 201 });
    } finally {
      toBroker.mend();
    }
    await answersWell();
  });

  it('answers 503 while the database is away', async () => {
    toDatabase.sever();
    try {
      expect(await inject('POST', 'polishes')).toMatchObject({
        status: 503,
        retryAfter: '5',
        type: type('unavailable'),
      });
    } finally {
      toDatabase.mend();
    }
  });
});
