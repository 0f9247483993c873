import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createService, ServiceConfig, ServiceModule } from '../src';

@Module({ imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig })] })
class ShopModule {}

const nowhere = '127.0.0.1:1';

describe('OWASP API8 configuration: an answer', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await createService(ShopModule, {
      AMQP_URL: `amqp://guest:guest@${nowhere}`,
      POSTGRES_URL: `postgres://shop:a-password@${nowhere}/shop`,
      LOG_LEVEL: 'critical',
      AUTH: 'none',
    });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  /** @returns all that comes until the connection ends */
  async function say(request: string): Promise<string> {
    const socket = connect(Number(new URL(await app.getUrl()).port), '127.0.0.1');
    socket.write(request);
    return text(socket);
  }

  const request = (method: string, url: string, header = 'x-a: a') =>
    say(`${method} ${url} HTTP/1.1\r\nhost: shop\r\n${header}\r\nconnection: close\r\n\r\n`);

  it.each([
    ['GET', '/'],
    ['GET', '/health/live'],
    ['GET', '/health/ready'],
    ['GET', '/nothing'],
    ['GET', '/%FF'],
    ['DELETE', '/health/live'],
    ['GET', '/health/live\0'],
  ])('to %s %j tells neither what made it nor where', async (method, url) => {
    const answer = await request(method, url);
    expect(answer).toMatch(/^HTTP\/1\.1 [2-5]\d\d /);
    expect(answer).not.toMatch(/^(server|via|x-powered-by|x-aspnet|x-runtime):/im);
    expect(answer).not.toMatch(/fastify|nestjs|node_modules|\.[jt]s:\d+|a-password/i);
  });

  it.each(['TRACE', 'PROPFIND', 'PATCH', 'MKCOL', 'SEARCH'])(
    'to %s, which no address has, repeats nothing of it',
    async (method) => {
      const answer = await request(method, '/health/live', 'cookie: to-be-repeated');
      expect(answer).toMatch(/^HTTP\/1\.1 (404|405) /);
      expect(answer).toMatch(/^content-type: application\/problem\+json/im);
      expect(answer).not.toContain('to-be-repeated');
    },
  );

  it('to a method that is none is a problem', async () => {
    const answer = await request('BREW', '/health/live');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^content-type: application\/problem\+json/im);
  });

  it('to CONNECT is none: no service is a proxy', async () => {
    expect(await request('CONNECT', 'example.com:80')).toBe('');
  });
});
