import { parameterRows, rowsOf, typeWords } from '../page/views/contracts/schema-rows';
import type { Schema } from '../src/api/documents';

const item: Schema = {
  title: 'SaleItem',
  type: 'object',
  required: ['sku'],
  properties: {
    sku: { type: 'string', minLength: 1, maxLength: 64 },
    note: { type: ['string', 'null'], pattern: '^[a-z]+$' },
  },
};

function row(schema: Schema, required = ['field']) {
  const [only] = rowsOf({ type: 'object', required, properties: { field: schema } });
  return only;
}

describe('the fields of a schema', () => {
  it('stand below what they are in, also in a list', () => {
    const items: Schema = { type: 'array', items: item, minItems: 1, maxItems: 100 };
    const rows = rowsOf({ type: 'object', required: ['items'], properties: { items } });
    expect(rows.map(({ path, depth, isOptional }) => [path, depth, isOptional])).toEqual([
      ['items', 0, false],
      ['items.sku', 1, false],
      ['items.note', 1, true],
    ]);
    expect(rows.map(({ type, limits }) => `${type}, ${limits}`)).toEqual([
      'list of SaleItem, 1 to 100 items',
      'string, 1 to 64 characters',
      'string, as ^[a-z]+$',
    ]);
  });

  it.each<[string, Schema, string, string]>([
    [
      'a format says more than its pattern',
      { type: 'string', format: 'uuid', pattern: 'x' },
      'uuid',
      '',
    ],
    ['values', { type: 'string', enum: ['a', 'b'] }, '"a" | "b"', ''],
    ['one value', { const: 'a' }, '"a"', ''],
    ['a bound', { type: 'integer', minimum: 0 }, 'integer', 'at least 0'],
    ['the other bound', { type: 'string', maxLength: 1 }, 'string', 'at most 1 character'],
    ['one length', { type: 'string', minLength: 3, maxLength: 3 }, 'string', '3 characters'],
    ['a default', { type: 'integer', default: 50 }, 'integer', '50 unless given'],
    ['a choice', { anyOf: [{ type: 'string' }, item] }, 'string or SaleItem', ''],
    ['no rule', {}, 'anything', ''],
  ])('say in words: %s', (_what, schema, type, limits) => {
    expect(row(schema)).toMatchObject({ type, limits });
  });

  it('may be null: one that is there always says so, one that may be missing need not', () => {
    const nullable: Schema = { anyOf: [{ type: 'string', maxLength: 5 }, { type: 'null' }] };
    expect(row(nullable)).toMatchObject({ type: 'string or null', limits: 'at most 5 characters' });
    expect(row(nullable, [])).toMatchObject({ type: 'string', isOptional: true });
  });

  it('are told through a reference that has a description beside it', () => {
    const rows = rowsOf({
      properties: { item: { description: 'What is sold.', allOf: [item] } },
    });
    expect(rows[0]).toMatchObject({ type: 'SaleItem', text: 'What is sold.' });
    expect(rows[1]).toMatchObject({ path: 'item.sku' });
  });

  it('of a route say where they go', () => {
    const limit = { name: 'limit', in: 'query', required: false, text: 'How many.' } as const;
    const [only] = parameterRows([{ ...limit, schema: { type: 'integer', maximum: 100 } }]);
    expect(only).toMatchObject({
      type: 'integer in the query',
      text: 'How many.',
      isOptional: true,
    });
  });

  it('end at a list of lists and at what has no fields', () => {
    expect(typeWords({ type: 'array', items: { type: 'array', items: item } })).toBe(
      'list of list of SaleItem',
    );
    expect(rowsOf({ type: 'string' })).toEqual([]);
  });
});
