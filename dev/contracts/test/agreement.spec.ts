import * as contracts from '@tradepost/contracts';
import { InvalidBody, toInstance } from '@tradepost/messaging';
import Ajv from 'ajv/dist/2020';
import fc from 'fast-check';
import { readAsyncApi } from './document';

type Class = new () => object;
type Path = (string | number)[];

const { schemas, messages } = readAsyncApi().components;
// A format only says what a text is meant to be; patterns judge.
const ajv = new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false });
ajv.addVocabulary(['components']);
ajv.addSchema({ $id: 'asyncapi', components: { schemas } });

const samples = Object.entries<unknown>(contracts).filter(
  (entry): entry is [string, Class & { sample: object }] =>
    typeof entry[1] === 'function' && entry[0] in schemas,
);

/** Values that one of them might take and the other not. */
const texts = [0, 1, 64, 65, 200, 201, 500, 501, 8_192, 8_193].map((length) => 'x'.repeat(length));
const ids = [
  '0197A3C8-1F2B-7C3D-8E4F-5A6B7C8D9E0E',
  '0197a3c8-1f2b-0c3d-8e4f-5a6b7c8d9e0e',
  '0197a3c8-1f2b-9c3d-8e4f-5a6b7c8d9e0e',
  '0197a3c8-1f2b-7c3d-ce4f-5a6b7c8d9e0e',
  '0197a3c81f2b7c3d8e4f5a6b7c8d9e0e',
  'urn:uuid:0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-FFFFFFFFFFFF',
];
const times = [
  '2026-01-31T12:00:00.000Z',
  '2026-01-31T12:00:00+01:00',
  '2026-01-31 12:00:00z',
  '2026-01-31T12:00:00',
  '2026-01-31T12:00Z',
  '2026-01-31',
  '2026-W05',
  '2026-02-30T12:00:00Z',
  '2026-13-01T12:00:00Z',
  '2026-01-31T24:00:00Z',
  '2026-01-31T23:59:60Z',
];
const others = [
  'paul@example.com',
  'paul@localhost',
  '@example.com',
  'USD',
  'usd',
  'info',
  'pending',
];
const astral = ['😀'.repeat(64), '😀'.repeat(65), 'é'.repeat(64)];
const numbers = [0, -1, 1, 0.5, 1_000, 1_001, 1e12, 1e12 + 1, 1e21, -0];
const rest: unknown[] = [null, true, false, [], {}, [[]], [{}], [null], { 0: 1 }, undefined];
const hostile: unknown[] = [...texts, ...ids, ...times, ...others, ...astral, ...numbers, ...rest];

/** As JSON: what is undefined is missing. */
function changed(body: object, path: Path, value: unknown): object {
  const copy = structuredClone(body);
  const last = path.at(-1) ?? '';
  const parent = path
    .slice(0, -1)
    .reduce((at: object, name) => Reflect.get(at, name) as object, copy);
  Reflect.set(parent, last, value);
  return JSON.parse(JSON.stringify(copy)) as object;
}

function pathsIn(value: unknown, path: Path = []): Path[] {
  const own = path.length > 0 ? [path] : [];
  if (typeof value !== 'object' || value === null) return own;
  // One item of a list stands for all.
  const first = Array.isArray(value) ? value.slice(0, 1) : value;
  const parts = Object.entries(first).map(([name, part]) =>
    pathsIn(part, [...path, Array.isArray(value) ? Number(name) : name]),
  );
  return [...own, ...parts.flat()];
}

function isTaken(type: Class, body: object): boolean {
  try {
    toInstance(type, structuredClone(body));
    return true;
  } catch (error) {
    if (error instanceof InvalidBody) return false;
    throw error;
  }
}

it('covers every contract and answer', () => {
  const bodies = Object.keys(messages).filter((name) => name in schemas && name !== 'Refusal');
  expect(samples.map(([name]) => name)).toEqual(expect.arrayContaining(bodies));
});

describe.each(samples)('the schema of %s', (name, type) => {
  const accepts = ajv.compile({ $ref: `asyncapi#/components/schemas/${name}` });
  const paths = pathsIn(type.sample);
  const disagrees = (body: object) => accepts(body) !== isTaken(type, body);

  it('accepts its sample', () => {
    expect([accepts(type.sample), accepts.errors]).toEqual([true, null]);
    expect(isTaken(type, type.sample)).toBe(true);
  });

  it('judges each changed field as a reader does', () => {
    const bodies = [...paths, ['more']].flatMap((path) =>
      hostile.map((value) => changed(type.sample, path, value)),
    );
    expect(bodies.filter(disagrees)).toEqual([]);
    expect(bodies.filter((body) => !accepts(body)).length).toBeGreaterThan(20);
  });

  it('judges longer lists as a reader does', () => {
    const lists = paths.filter((path) => Array.isArray(valueAt(type.sample, path)));
    const bodies = lists.flatMap((path) => {
      const [item] = valueAt(type.sample, path) as unknown[];
      const long = (length: number) => Array.from({ length }, () => item);
      return [1, 100, 101, 1_000, 1_001].map((length) => changed(type.sample, path, long(length)));
    });
    expect(bodies.filter(disagrees)).toEqual([]);
  });

  it('judges what is changed at random as a reader does', () => {
    // U+0000 and lone surrogates no schema names; a variation selector counts as no character.
    const odd = /[\0\uFE0E\uFE0F]|\p{Surrogate}/u;
    const text = fc.string({ unit: 'binary', maxLength: 70 }).filter((one) => !odd.test(one));
    const value = fc.oneof(
      text,
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.constantFrom(...hostile),
    );
    const change = fc.tuple(fc.constantFrom(...paths.filter((path) => path.length === 1)), value);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const body = changes.reduce((at, [path, to]) => changed(at, path, to), type.sample);
        expect(disagrees(body)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

function valueAt(body: object, path: Path): unknown {
  return path.reduce((at: unknown, name) => Reflect.get(at as object, name), body);
}
