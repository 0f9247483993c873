import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openToAll } from '@tradepost/test-kit';
import { createService, ServiceConfig, ServiceModule } from '../src';

@Module({ imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig })] })
class ShopModule {}

const nowhere = '127.0.0.1:1';

describe('the health of a service without a broker and a database', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await createService(ShopModule, {
      ...openToAll,
      AMQP_URL: `amqp://guest:guest@${nowhere}`,
      POSTGRES_URL: `postgres://shop:pw@${nowhere}/shop`,
      LOG_LEVEL: 'critical',
    });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it('is live', async () => {
    const answer = await app.inject({ url: '/health/live' });

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'ok' });
  });

  it('is not ready, and says why', async () => {
    const answer = await app.inject({ url: '/health/ready' });

    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: 'failing',
      checks: {
        broker: { status: 'failing' },
        database: { status: 'failing', problems: [expect.stringContaining('ECONNREFUSED')] },
      },
    });
  });
});
