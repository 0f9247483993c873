import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Module,
  NotFoundException,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DatabaseUnavailable } from '@tradepost/database';
import { currentTrace, inheritedName } from '@tradepost/messaging';
import { openToAll } from '@tradepost/test-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';
import { createService, Open, PageQuery, Problem, ServiceConfig, ServiceModule } from '../src';

class Item {
  @IsString()
  sku!: string;

  @IsInt()
  @Min(1)
  quantity!: number;
}

class Basket {
  @IsArray()
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => Item)
  items!: Item[];
}

@Controller('v1/feed.json')
@Open('this is a test')
class Feed {
  @Get()
  get(): object {
    return {};
  }
}

@Controller('v1/baskets')
@Open('this is a test')
class Baskets {
  @Post()
  create(@Body() basket: Basket): object {
    return { items: basket.items.length, isBasket: basket instanceof Basket };
  }

  @Get()
  list(@Query() query: PageQuery): object {
    return query;
  }

  @Get(':id')
  async get(@Param('id') id: string): Promise<object> {
    await Promise.resolve();
    if (id === 'trace') return { ...currentTrace() };
    if (id === 'bug') throw new TypeError('secret of the house');
    if (id === 'down') throw new DatabaseUnavailable(new Error('connect ECONNREFUSED'));
    if (id === 'nest-404') throw new NotFoundException('no such thing');
    if (id === 'nest-400') throw new BadRequestException('not like this');
    throw new Problem({
      status: 409,
      type: 'basket-taken',
      title: 'The basket is taken',
      headers: { 'retry-after': '1' },
    });
  }
}

@Module({
  imports: [ServiceModule.forRoot({ name: 'shop', config: ServiceConfig })],
  controllers: [Feed, Baskets],
})
class ShopModule {}

const nowhere = '127.0.0.1:1';

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

afterAll(async () => {
  await app.close();
});

type Sent = Parameters<NestFastifyApplication['inject']>[0] & object;

async function send(request: Sent) {
  const answer = await app.inject(request);
  return { status: answer.statusCode, headers: answer.headers, body: answer.json<object>() };
}

async function post(payload: string | object, contentType = 'application/json') {
  const url = '/v1/baskets';
  return send({ method: 'POST', url, payload, headers: { 'content-type': contentType } });
}

function problem(slug: string) {
  return { type: `https://tradepost.dev/problems/${slug}` };
}

describe('a request body', () => {
  it('reaches the controller as an instance of its class', async () => {
    const { status, body } = await post({ items: [{ sku: 'MUG', quantity: 1 }] });

    expect(status).toBe(201);
    expect(body).toEqual({ items: 1, isBasket: true });
  });

  it('is answered with a pointer to each of its faults', async () => {
    const { status, headers, body } = await post({
      items: [
        { sku: 'MUG', quantity: 0, 'a/b~c': 1 },
        { sku: 5, quantity: 'one' },
      ],
      extra: true,
    });

    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject({
      ...problem('invalid-request'),
      title: 'The request is not valid',
      status: 400,
    });
    expect((body as { errors: object[] }).errors).toEqual(
      expect.arrayContaining([
        { pointer: '/extra', detail: 'is not a known field' },
        { pointer: '/items/0/quantity', detail: 'must not be less than 1' },
        { pointer: '/items/0/a~1b~0c', detail: 'is not a known field' },
        { pointer: '/items/1/sku', detail: 'must be a string' },
        { pointer: '/items/1/quantity', detail: 'must be an integer number' },
      ]),
    );
  });

  it('with ten thousand items is answered with the most that it may have', async () => {
    const { status, body } = await post({ items: Array.from({ length: 10_000 }, () => ({})) });

    expect(status).toBe(400);
    expect(body).toMatchObject({
      errors: [{ pointer: '/items', detail: 'must contain no more than 100 elements' }],
    });
  });

  it('with a hundred faults is answered with the first of them', async () => {
    const { status, body } = await post({ items: Array.from({ length: 100 }, () => ({})) });

    expect(status).toBe(400);
    expect((body as { errors: object[] }).errors).toHaveLength(20);
  });

  it.each(['[]', '"text"', '1', '[{"items":[]}]'])('must be an object, not %s', async (payload) => {
    const { status, body } = await post(payload);

    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ pointer: '', detail: 'must be an object' }] });
  });

  it.each(['{"items":', ' ', 'nonsense'])(
    'that is not JSON (%j) is a 400 that says so',
    async (payload) => {
      const { status, headers, body } = await post(payload);

      expect(status).toBe(400);
      expect(headers['content-type']).toBe('application/problem+json');
      expect(body).toMatchObject(problem('malformed-json'));
    },
  );

  it.each([
    ['null', null, 'must be an array'],
    ['a text', 'MUG', 'must be an array'],
    ['a list of texts', ['MUG'], 'each value must be an object'],
  ])('with %s for a list is told what is wanted', async (_what, items, detail) => {
    const { status, body } = await post({ items });

    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ pointer: '/items', detail }] });
  });

  it.each(['application/json; charset=utf-8', 'application/merge-patch+json', 'APPLICATION/JSON'])(
    'may be of the type %s',
    async (contentType) => {
      expect((await post('{"items":[]}', contentType)).status).toBe(201);
    },
  );

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'with the field %s, which every object has, is a 400 that names it',
    async (field) => {
      const { status, body } = await post(`{"items":[{"sku":"A","quantity":1,"${field}":{}}]}`);

      expect(status).toBe(400);
      const fault = { pointer: `/items/0/${field}`, detail: inheritedName };
      expect(body).toMatchObject({ errors: [fault] });
    },
  );

  it.each([
    ['in a field', '{"items":[{"sku":', ',"quantity":1}]}'],
    ['in an unknown field', '{"x":', '}'],
  ])('that is nested without end %s is a 400', async (_where, before, after) => {
    const nested = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const { status, body } = await post(before + nested + after);

    expect(status).toBe(400);
    expect(body).toMatchObject(problem('invalid-request'));
  });

  it.each(['a\\u0000b', '\\ud800'])('with the text %s, which is none, is a 400', async (text) => {
    const { status, body } = await post(`{"items":[{"sku":"${text}","quantity":1}]}`);

    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ pointer: '/items/0/sku' }] });
  });

  it('of two megabytes is a 413', async () => {
    const { status, body } = await post({ items: [], extra: 'x'.repeat(2_000_000) });

    expect(status).toBe(413);
    expect(body).toMatchObject(problem('payload-too-large'));
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/jsonlines',
  ])('of the type %s is a 415', async (contentType) => {
    const { status, body } = await post('items=1', contentType);

    expect(status).toBe(415);
    expect(body).toMatchObject(problem('unsupported-media-type'));
  });
});

describe('a request', () => {
  it('to an unknown address is a 404', async () => {
    const { status, headers, body } = await send({ url: '/nothing/here?x=1' });

    expect(status).toBe(404);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject({ ...problem('route-not-found'), detail: '/nothing/here' });
  });

  it.each(['/v1/baskets/%FF', '/%'])('to the undecodable address %s is a 400', async (url) => {
    const { status, headers, body } = await send({ url });

    expect(status).toBe(400);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject(problem('malformed-address'));
  });

  it.each(['/health/live/', '/v1/baskets//'])('to %s, a slash too far, is a 404', async (url) => {
    const { status, body } = await send({ url });

    expect(status).toBe(404);
    expect(body).toMatchObject(problem('route-not-found'));
  });

  it('with a method that the address does not have is a 405 with those it has', async () => {
    const { status, headers, body } = await send({ method: 'DELETE', url: '/v1/baskets/7?x=1' });

    expect(status).toBe(405);
    expect(headers['allow']).toBe('GET, HEAD');
    expect(body).toMatchObject(problem('method-not-allowed'));
  });

  it('with a method at an address that only looks like one is a 404', async () => {
    expect((await send({ method: 'DELETE', url: '/v1/feed.json' })).status).toBe(405);
    expect((await send({ method: 'DELETE', url: '/v1/feedxjson' })).status).toBe(404);
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=ten',
    'limit=1&limit=2',
    'limit=',
    'page=2',
    'cursor=',
    '__proto__=1',
  ])('with the wrong query %s is a 400', async (query) => {
    const { status, body } = await send({ url: `/v1/baskets?${query}` });

    expect(status).toBe(400);
    expect(body).toMatchObject(problem('invalid-request'));
  });

  it('without a limit gets the default one', async () => {
    expect((await send({ url: '/v1/baskets' })).body).toEqual({ limit: 20 });
    expect((await send({ url: '/v1/baskets?limit=7' })).body).toEqual({ limit: 7 });
  });

  it('goes on with the trace that it comes with', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const { headers, body } = await send({ url: '/v1/baskets/trace', headers: { traceparent } });

    expect(body).toMatchObject({ traceId });
    expect(headers['traceresponse']).toContain(traceId);
  });

  it.each([undefined, 'nonsense'])('begins a trace when it comes with %s', async (traceparent) => {
    const headers = traceparent === undefined ? {} : { traceparent };
    const { body } = await send({ url: '/v1/baskets/trace', headers });

    expect(body).toMatchObject({ traceId: expect.stringMatching(/^[\da-f]{32}$/) as string });
  });
});

describe('an error in a controller', () => {
  it('that is a problem is answered as it is', async () => {
    const { status, headers, body } = await send({ url: '/v1/baskets/1' });

    expect(status).toBe(409);
    expect(headers['retry-after']).toBe('1');
    expect(body).toEqual({ ...problem('basket-taken'), title: 'The basket is taken', status: 409 });
  });

  it('that is unexpected is a 500 that shows nothing but its trace', async () => {
    const { status, body } = await send({ url: '/v1/baskets/bug' });

    expect(status).toBe(500);
    expect(body).toEqual({
      ...problem('internal-error'),
      title: 'Something went wrong here',
      status: 500,
      traceId: expect.stringMatching(/^[\da-f]{32}$/) as string,
    });
  });

  it('that the database is not there is a 503', async () => {
    const { status, headers, body } = await send({ url: '/v1/baskets/down' });

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('5');
    expect(body).toMatchObject(problem('unavailable'));
  });

  it.each([
    ['nest-404', 404, 'not-found'],
    ['nest-400', 400, 'invalid-request'],
  ])("that is Nest's own (%s) becomes a problem", async (id, expected, slug) => {
    const { status, body } = await send({ url: `/v1/baskets/${id}` });

    expect(status).toBe(expected);
    expect(body).toMatchObject(problem(slug));
  });
});
