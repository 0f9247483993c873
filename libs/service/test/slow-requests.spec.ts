import { Body, Controller, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openToAll } from '@tradepost/test-kit';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createService, Open, ServiceConfig, ServiceModule } from '../src';
import { nowhere } from './nowhere';

@Controller()
@Open('this is a test')
class Letterbox {
  @Post()
  post(@Body() body: object) {
    return body;
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'letterbox', config: ServiceConfig })],
  controllers: [Letterbox],
})
class LetterboxModule {}

let app: NestFastifyApplication;

beforeAll(async () => {
  app = await createService(LetterboxModule, {
    ...openToAll,
    ...nowhere,
  });
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => app.close());

const head = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

/** A byte now and then, for ever. @returns what came back, and after how many seconds */
async function drip(first: string): Promise<[answer: string, seconds: number]> {
  const begun = performance.now();
  const socket: Socket = connect(Number(new URL(await app.getUrl()).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(first);
  const timer = setInterval(() => socket.write(' '), 500);
  const answer = await text(socket).finally(() => clearInterval(timer));
  return [answer, (performance.now() - begun) / 1_000];
}

describe('OWASP API4, resources: a request that comes byte by byte', () => {
  it('is ended after ten seconds while it has not told its headers', async () => {
    const [answer, seconds] = await drip(`${head}x-slow: `);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(seconds).toBeLessThan(20);
  }, 60_000);

  it('is ended after thirty while it has not told its body', async () => {
    const [answer, seconds] = await drip(`${head}content-length: 100000\r\n\r\n{`);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(seconds).toBeLessThan(50);
  }, 90_000);
});
