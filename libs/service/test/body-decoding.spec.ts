import { request as open, type OutgoingHttpHeaders } from 'node:http';
import { json } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { Body, Controller, Delete, Get, HttpCode, Module, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { openToAll } from '@tradepost/test-kit';
import { IsOptional, IsString } from 'class-validator';
import {
  createService,
  KeepRawBody,
  Open,
  PageQuery,
  RawBody,
  ServiceConfig,
  ServiceModule,
} from '../src';

class Person {
  @IsString()
  name!: string;
}

class Reason {
  @IsOptional()
  @IsString()
  reason?: string;
}

@Controller('v1/people')
@Open('this is a test')
class People {
  @Post()
  create(@Body() { name }: Person): object {
    return { name };
  }

  @Post('signed')
  @KeepRawBody()
  signed(@RawBody() raw: string): object {
    return { raw };
  }

  @Post('leave')
  leave(@Body() { reason }: Reason): object {
    return { reason };
  }

  @Get()
  list(@Query() query: PageQuery): object {
    return query;
  }

  @Delete()
  @HttpCode(204)
  remove(): void {}
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig })],
  controllers: [People],
})
class ShopModule {}

let app: NestFastifyApplication;

beforeAll(async () => {
  app = await createService(ShopModule, {
    ...openToAll,
    AMQP_URL: 'amqp://guest:guest@127.0.0.1:1',
    POSTGRES_URL: 'postgres://shop:pw@127.0.0.1:1/shop',
    LOG_LEVEL: 'critical',
  });
  await app.listen(0, '127.0.0.1');
});

afterAll(async () => {
  await app.close();
});

interface Answer {
  status: number | undefined;
  headers: object;
  body: object;
}

const asJson = { 'content-type': 'application/json' };

interface Sent {
  method?: string;
  path?: string;
  headers?: OutgoingHttpHeaders;
}

/** Over a socket, `chunks` each in a write of its own. */
async function send(
  chunks: readonly (Buffer | string)[],
  { method = 'POST', path = '/v1/people', headers = asJson }: Sent = {},
): Promise<Answer> {
  const { port } = new URL(await app.getUrl());
  return new Promise((resolve, reject) => {
    const request = open({ port, method, path, headers, host: '127.0.0.1' }, (response) => {
      const { statusCode: status, headers } = response;
      const body = status === 204 ? Promise.resolve({}) : json(response);
      body.then((body) => resolve({ status, headers, body: body as object }), reject);
    });
    request.on('error', reject);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}

const withLength = (content: Buffer, headers = {}) => ({
  headers: { ...asJson, 'content-length': content.length, ...headers },
});

const latin1 = Buffer.from('{"name":"Jos\xe9"}', 'latin1');
const cat = Buffer.from('{"name":"\u{1F408}"}');
const half = Buffer.concat([cat.subarray(0, 11), Buffer.from('"}')]);

function problem(slug: string, detail?: string) {
  const type = `https://tradepost.dev/problems/${slug}`;
  return detail === undefined ? { type } : { type, detail };
}

describe('a request body', () => {
  it.each([
    ['latin-1', latin1],
    ['an emoji cut in two', half],
  ])('that is not UTF-8 (%s) is a 400 that says so', async (_what, content) => {
    const answers = [
      await send([content], withLength(content)),
      await send([content]),
      await send([content.subarray(0, 10), content.subarray(10)]),
    ];

    for (const { status, body } of answers) {
      expect(status).toBe(400);
      expect(body).toMatchObject(problem('malformed-json', 'The body is not UTF-8.'));
    }
  });

  it('may have a character in two chunks', async () => {
    const { status, body } = await send([cat.subarray(0, 11), cat.subarray(11)]);

    expect({ status, body }).toEqual({ status: 201, body: { name: '\u{1F408}' } });
  });

  it.each(['latin1', 'ISO-8859-1', '"utf-16"', 'utf-8-but-not-quite', ''])(
    'of the charset %s is a 415',
    async (charset) => {
      const headers = { 'content-type': `application/json; charset=${charset}` };
      const { status, body } = await send(['{"name":"Ann"}'], { headers });

      expect(status).toBe(415);
      expect(body).toMatchObject({ title: 'The request body must be application/json, in UTF-8' });
    },
  );

  it.each(['utf-8', 'UTF8', '"UTF-8"', 'us-ascii', 'utf-8; v=1'])(
    'may be of the charset %s',
    async (charset) => {
      const headers = { 'content-type': `application/json;Charset=${charset}` };

      expect((await send(['{"name":"Ann"}'], { headers })).status).toBe(201);
    },
  );

  it('may begin with a byte order mark, which a signature includes', async () => {
    expect((await send(['\uFEFF{"name":"Ann"}'])).body).toEqual({ name: 'Ann' });
    const signed = await send(['\uFEFF{"name":"Ann"}'], { path: '/v1/people/signed' });
    expect(signed.body).toEqual({ raw: '\uFEFF{"name":"Ann"}' });
  });

  it.each(['gzip', 'GZIP', 'br', 'deflate', 'zstd', 'identity, gzip', 'nonsense'])(
    'with the encoding %s is a 415 that names it',
    async (encoding) => {
      const content = gzipSync('{"name":"Ann"}');
      const sent = withLength(content, { 'content-encoding': encoding });
      const { status, headers, body } = await send([content], sent);

      expect(status).toBe(415);
      expect(headers).toMatchObject({ 'accept-encoding': 'identity' });
      const detail = `Content-Encoding: ${encoding} is not understood here.`;
      expect(body).toMatchObject(problem('unsupported-content-encoding', detail));
    },
  );

  it.each(['identity', 'Identity', ''])('may have the encoding %j', async (encoding) => {
    const headers = { ...asJson, 'content-encoding': encoding };

    expect((await send(['{"name":"Ann"}'], { headers })).status).toBe(201);
  });
});

describe('a request without a body', () => {
  const none = { ...asJson, 'content-length': 0 };

  it.each([
    ['a length of 0', none],
    ['no length', asJson],
    ['chunks', { ...asJson, 'transfer-encoding': 'chunked' }],
    ['an encoding', { ...none, 'content-encoding': 'gzip' }],
  ])('may say that it is JSON, with %s', async (_what, headers) => {
    expect((await send([], { method: 'DELETE', headers })).status).toBe(204);
    expect((await send([], { path: '/v1/people/leave', headers })).status).toBe(201);
  });

  it.each([
    ['of JSON', none],
    ['of no type', {}],
  ])('where one is required is a 400 that says so (%s)', async (_what, headers) => {
    const { status, body } = await send([], { headers });

    expect(status).toBe(400);
    expect(body).toMatchObject({
      ...problem('invalid-request'),
      errors: [{ pointer: '', detail: 'there is no body' }],
    });
  });

  it('is signed as an empty one', async () => {
    const { status, body } = await send([], { path: '/v1/people/signed', headers: {} });

    expect({ status, body }).toEqual({ status: 201, body: { raw: '' } });
  });
});

describe('a query', () => {
  it.each(['limit=7&cursor=Jos%E9', 'Jos%E9=1', 'cursor=%', 'cursor=%F0%9F%90'])(
    'that is not UTF-8 (%s) is a 400',
    async (query) => {
      const { status, body } = await send([], { method: 'GET', path: `/v1/people?${query}` });

      expect(status).toBe(400);
      expect(body).toMatchObject(problem('malformed-address'));
    },
  );

  it('may have percent signs and emojis', async () => {
    const query = `cursor=100%25+${encodeURIComponent('\u{1F408}')}`;
    const { body } = await send([], { method: 'GET', path: `/v1/people?${query}` });

    expect(body).toMatchObject({ cursor: '100% \u{1F408}' });
  });
});
