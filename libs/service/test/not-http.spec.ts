import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openToAll } from '@tradepost/test-kit';
import { createService, Open, ServiceConfig, ServiceModule } from '../src';
import { nowhere } from './nowhere';

@Controller('v1/slow')
@Open('this is a test')
class Slow {
  @Get()
  async get(): Promise<object> {
    // Behind what is parsed in this turn.
    await new Promise((resolve) => setImmediate(resolve));
    return { turn: 1 };
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'slow', config: ServiceConfig })],
  controllers: [Slow],
})
class SlowModule {}

let app: NestFastifyApplication;

beforeAll(async () => {
  app = await createService(SlowModule, { ...nowhere, ...openToAll });
  await app.listen(0, '127.0.0.1');
});
afterAll(() => app.close());

describe('what is not HTTP', () => {
  it.each([
    ['is a 400', 'GET / HTTP/1.1\r\nno header\r\n\r\n', 400, 'malformed-request'],
    [
      'for its size is a 431',
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
      431,
      'header-too-large',
    ],
  ])('%s', async (_what, request, status, slug) => {
    const socket = connect(Number(new URL(await app.getUrl()).port), '127.0.0.1');
    socket.end(request);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');

    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({
      type: expect.stringMatching(`/${slug}$`) as string,
      status,
    });
  });

  it('behind a request is refused when that has its answer', async () => {
    const socket = connect(Number(new URL(await app.getUrl()).port), '127.0.0.1');
    socket.write('GET /v1/slow HTTP/1.1\r\nhost: a\r\n\r\nno HTTP\r\n\r\n');
    const [, answer = '', refusal = ''] = (await text(socket)).split('HTTP/1.1 ');

    expect(answer).toMatch(/^200 OK[^]*\{"turn":1\}$/);
    expect(refusal).toMatch(/^400 [^]*malformed-request/);
  });
});
