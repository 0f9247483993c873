import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import { refusals } from '../compare/refusals';
import { resolved, type Schema } from '../compare/schema';
import { Random } from '../../random';
import { closed, guess } from './guesses';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

function rules(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Schema> {
  const withoutNone = (record: object) =>
    Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
  return fc.record(fields).map(withoutNone);
}

const some = fc.integer({ min: -1, max: 3 });
const length = fc.integer({ min: 0, max: 3 });
const scalar = fc.oneof(
  rules({
    type: fc.constantFrom('number', 'integer', ['integer', 'null'], ['number', 'string']),
    minimum: maybe(some),
    maximum: maybe(some),
    exclusiveMinimum: maybe(some),
    multipleOf: maybe(fc.constantFrom(1, 2)),
  }),
  rules({
    type: fc.constantFrom('string', ['string', 'null']),
    minLength: maybe(length),
    maxLength: maybe(length),
    pattern: maybe(fc.constantFrom('^a', 'b$')),
    format: maybe(fc.constantFrom('even', 'odd')),
  }),
  rules({ enum: fc.uniqueArray(fc.constantFrom(0, 1, 1.5, 'a', 'ab', null), { minLength: 1 }) }),
  rules({ const: fc.constantFrom(1, 'a', true, null) }),
  rules({ type: fc.constantFrom('boolean', 'null') }),
  fc.constantFrom<Schema>(true, {}),
);

const { schema } = fc.letrec<{ schema: Schema; object: Schema; list: Schema; choice: Schema }>(
  (tie) => ({
    schema: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'schema' },
      ...[scalar, tie('object'), tie('list'), tie('choice')],
    ),
    object: rules({
      type: fc.constant('object'),
      properties: maybe(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'), { maxKeys: 3 }),
      ),
      required: maybe(fc.subarray(['a', 'b', 'c'])),
      additionalProperties: maybe(fc.oneof(fc.boolean(), scalar)),
      maxProperties: maybe(length),
    }),
    list: rules({
      type: fc.constant('array'),
      items: maybe(tie('schema')),
      minItems: maybe(length),
      maxItems: maybe(length),
      uniqueItems: maybe(fc.boolean()),
    }),
    choice: fc
      .tuple(fc.constantFrom('anyOf', 'oneOf', 'allOf'), tie('schema'), tie('schema'))
      .map(([keyword, one, other]) => ({ [keyword]: [one, other] })),
  }),
);

/** The schema with a rule of it, or of a part, left out or as another has it. */
function changed(from: Schema, other: Schema, random: () => number): Schema {
  if (typeof from === 'boolean' || random() < 0.1) return other;
  const entries = Object.entries(from).flatMap(([rule, value]): [string, unknown][] => {
    const chance = random();
    if (chance < 0.15) return [];
    if (chance < 0.3 && rule in Object(other)) return [[rule, (other as never)[rule]]];
    const part = (one: unknown) => changed(one as Schema, other, random);
    if (rule === 'items') return [[rule, part(value)]];
    if (rule === 'properties') {
      const fields = Object.entries(value as object).map(([name, one]) => [name, part(one)]);
      return [[rule, Object.fromEntries(fields)]];
    }
    if (/^(any|one|all)Of$/.test(rule)) return [[rule, (value as Schema[]).map(part)]];
    return [[rule, value]];
  });
  return Object.fromEntries(entries);
}

const ajv = new Ajv2020({ strict: false, validateSchema: false });
ajv.addFormat('even', (text) => text.length % 2 === 0);
ajv.addFormat('odd', (text) => text.length % 2 === 1);

describe('what a reader refuses of a writer', () => {
  it('is named: without a refusal every body of the writer is accepted', () => {
    const seen = { accepted: 0, refused: 0, bodies: 0 };
    const pair = fc.tuple(schema, schema, fc.integer());
    const law = fc.property(pair, ([first, second, seed]) => {
      const numbers = new Random(seed, 'bodies');
      const random = () => numbers.next();
      const [writer, reader] = [first, changed(first, second, random)].map((one) => {
        return resolved(one, {});
      }) as [Schema, Schema];
      const refused = refusals(writer, reader);
      seen[refused.length === 0 ? 'accepted' : 'refused'] += 1;
      if (refused.length > 0) return;
      const isWritten = ajv.compile(closed(writer));
      const isRead = ajv.compile(reader);
      const bodies = Array.from({ length: 12 }, () => guess(writer, random)).filter((body) =>
        isWritten(body),
      );
      seen.bodies += bodies.length;
      expect(bodies.filter((body) => !isRead(body))).toEqual([]);
    });
    fc.assert(law, { numRuns: 1_000 });
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
    expect(seen.bodies).toBeGreaterThan(500);
  });

  it('is nothing of a schema against itself', () => {
    fc.assert(
      fc.property(schema, (one) => {
        expect(
          refusals(resolved(one, {}), resolved(JSON.parse(JSON.stringify(one)) as Schema, {})),
        ).toEqual([]);
      }),
    );
  });
});
