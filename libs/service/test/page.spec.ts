import { IsOptional, IsString } from 'class-validator';
import { decodeCursor, encodeCursor, PageQuery, pageQuery, Problem, toPage } from '../src';
import { RequestValidation } from '../src/http/request-validation';

const id = '0192f0c4-7a1b-7c3d-8e4f-5a6b7c8d9e0f';
const time = '2025-01-02T03:04:05.678901Z';

describe('a page', () => {
  it('ends with a cursor when there is one row more than fits', () => {
    const page = toPage([{ id: 1 }, { id: 2 }, { id: 3 }], 2, (row) => [row.id]);

    expect(page.items).toEqual([{ id: 1 }, { id: 2 }]);
    expect(decodeCursor(page.nextCursor ?? '', 'integer')).toEqual([2]);
  });

  it.each([[[]], [[{ id: 1 }]], [[{ id: 1 }, { id: 2 }]]])('is the last one with %j', (rows) => {
    expect(toPage(rows, 2, (row) => [row.id])).toEqual({ items: rows, nextCursor: null });
  });
});

describe('a cursor', () => {
  it('gives back what it was made of', () => {
    expect(decodeCursor(encodeCursor([time, id]), 'time', 'uuid')).toEqual([time, id]);
  });

  it.each([
    ['nonsense', '%%%'],
    ['no list', Buffer.from('{"a":1}').toString('base64url')],
    ['too few values', encodeCursor([time])],
    ['no uuid', encodeCursor([time, "' OR 1=1"])],
    ['no time', encodeCursor(['2025-13-45T99:00:00Z', id])],
  ])('is refused as a 400 when it is %s', (_why, text) => {
    expect(() => decodeCursor(text, 'time', 'uuid')).toThrow(Problem);
    expect(() => decodeCursor(text, 'time', 'uuid')).toThrow('must be the nextCursor of a page');
  });
});

describe('the query of a list', () => {
  class Wide extends pageQuery(({ all }: { all?: unknown }) => (all ? 1_000 : 5)) {
    @IsOptional()
    @IsString()
    all?: string;
  }
  const validated = async (metatype: new () => object, query: object) =>
    new RequestValidation().transform(query, { type: 'query', metatype });

  it('takes up to 100 items, and 20 when nothing is said', async () => {
    expect(await validated(PageQuery, {})).toEqual({ limit: 20 });
    expect(await validated(PageQuery, { limit: '100' })).toEqual({ limit: 100 });
    await expect(validated(PageQuery, { limit: '101' })).rejects.toThrow(
      '/limit: must not be greater than 100',
    );
  });

  it('has a largest page of its own, which may hang on what else it says', async () => {
    expect(await validated(Wide, { limit: '1000', all: 'yes' })).toMatchObject({ limit: 1_000 });
    await expect(validated(Wide, { limit: '6' })).rejects.toThrow('must not be greater than 5');
    await expect(validated(Wide, { limit: 'ten' })).rejects.toThrow('must be an integer number');
  });
});
