import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openToAll } from '@tradepost/test-kit';
import { IsInt } from 'class-validator';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createService, Open, ServiceConfig, ServiceModule } from '../src';

class Sum {
  @IsInt()
  amount!: number;
}

const done: string[] = [];

@Controller('v1/sums')
@Open('this is a test')
class Sums {
  @Post()
  add(@Body() { amount }: Sum): object {
    done.push(`add ${amount}`);
    return { amount };
  }

  /** Answers when what has come behind it is read. */
  @Get('late')
  async late(): Promise<object> {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return {};
  }

  @Get('smuggled')
  smuggled(): object {
    done.push('smuggled');
    return {};
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig })],
  controllers: [Sums],
})
class ShopModule {}

const nowhere = '127.0.0.1:1';
const body = '{"amount":1}';
const inChunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const smuggled = 'GET /v1/sums/smuggled HTTP/1.1\r\nhost: shop\r\n\r\n';

/** A request that two servers may end at different places, with another one behind it. */
const post = (headers: string, content: string, line = 'POST /v1/sums HTTP/1.1') =>
  `${line}\r\nhost: shop\r\ncontent-type: application/json\r\n${headers}\r\n\r\n${content}${smuggled}`;
const chunked = (header: string) => post(header, inChunks);

const ambiguous: Record<string, string> = {
  'a length and chunks': chunked(
    `content-length: ${inChunks.length}\r\ntransfer-encoding: chunked`,
  ),
  'chunks and a length': chunked('transfer-encoding: chunked\r\ncontent-length: 4'),
  'two lengths': post(`content-length: ${body.length}\r\ncontent-length: 0`, body),
  'two lengths in one': post(`content-length: ${body.length}, ${body.length}`, body),
  'a length with a sign': post(`content-length: +${body.length}`, body),
  'a negative length': post('content-length: -1', body),
  'a hexadecimal length': post('content-length: 0xc', body),
  'an empty length': post('content-length: ', body),
  'a space before the colon': chunked('transfer-encoding : chunked'),
  'a folded header': chunked('transfer-encoding:\r\n chunked\r\ncontent-length: 4'),
  'a header without a name': chunked(': chunked'),
  'another encoding than chunked': chunked('transfer-encoding: xchunked'),
  'chunked, and not as the last': chunked('transfer-encoding: chunked, identity'),
  'chunked in quotes': chunked('transfer-encoding: "chunked"'),
  'chunked after a control character': chunked('transfer-encoding: \x0bchunked'),
  'a NUL in a header': chunked('x-a: \0\r\ntransfer-encoding: chunked'),
  'a bare LF between headers': chunked('x-a: 1\ntransfer-encoding: chunked'),
  'a bare CR between headers': chunked('x-a: 1\rtransfer-encoding: chunked'),
  'bare LFs alone': chunked('transfer-encoding: chunked').replaceAll('\r\n', '\n'),
  'a chunk that ends with LF': post(
    'transfer-encoding: chunked',
    inChunks.replace(`${body}\r\n`, `${body}\n`),
  ),
  'a size that ends with LF': post('transfer-encoding: chunked', inChunks.replace('c\r\n', 'c\n')),
  'a chunk of a negative size': post('transfer-encoding: chunked', `-1\r\n${body}\r\n0\r\n\r\n`),
  'a chunk longer than it says': post('transfer-encoding: chunked', `1\r\n${body}\r\n0\r\n\r\n`),
  'a size with 0x': post('transfer-encoding: chunked', `0x${inChunks}`),
  'two spaces in its first line': post('content-length: 0', '', 'POST  /v1/sums HTTP/1.1 HTTP/1.1'),
};

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
beforeEach(() => done.splice(0));
afterAll(() => app.close());

/** All that comes until the service closes the connection. */
async function answerTo(request: string): Promise<string> {
  const socket = connect(Number(new URL(await app.getUrl()).port), '127.0.0.1');
  socket.write(request, 'latin1');
  return text(socket);
}

describe('a request that another one may be hidden in', () => {
  it.each(Object.entries(ambiguous))('by %s is refused with its connection', async (_, request) => {
    const answer = await answerTo(request);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('connection: close');
    expect(answer.match(/HTTP\/1.1 /g)).toHaveLength(1);
    expect(done).toEqual([]);
  });

  it('is served when its end is clear, as is the one behind it', async () => {
    const last = smuggled.replace('host', 'connection: close\r\nhost');
    await answerTo(post(`content-length: ${body.length}`, body) + last);
    await answerTo(chunked('transfer-encoding: chunked') + last);
    expect(done.sort()).toEqual(['add 1', 'add 1', ...Array<string>(4).fill('smuggled')]);
  });

  it('that waits behind another one has its answer whole, whatever it expects', async () => {
    const headers = 'connection: close\r\ncontent-encoding: x\r\nexpect: 100-continue';
    const expecting = post(`${headers}\r\ncontent-length: 2`, '{}').slice(0, -smuggled.length);
    const answer = await answerTo(smuggled.replace('smuggled', 'late') + expecting);
    const [, , content = ''] = answer.slice(answer.indexOf('HTTP/1.1 415 ')).split('\r\n\r\n', 3);
    expect(content).toBe('');
    expect(answer).toMatch(/\r\n\r\n\{"type":[^\r\n]+\}$/);
  });
});
