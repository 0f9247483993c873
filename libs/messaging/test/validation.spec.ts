import * as contracts from '@tradepost/contracts';
import { Expose, Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
  MinLength,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { judgedInstance, toInstance } from '../src/body';
import { InvalidBody } from '../src/errors';
import { buildInstance, harmless } from '../src/validation/build-instance';
import { inheritedName } from '../src/validation/plain';
import * as testContracts from './contracts';

type Class = new () => object;
type Fields = Record<string, unknown>;

const item = contracts.SaleItem.sample;

/** Of each class of the tests, with every field; the shop's have a sample. */
const bodies: Record<string, Fields> = {
  DoWork: { what: 'this' },
  Double: { value: 1 },
  Doubled: { value: 2 },
  Find: { value: 1 },
  Found: { value: 2 },
  Happened: { what: 'that' },
  Moved: { orderId: 'this', step: 1 },
  Noted: { what: 'nothing' },
  Ship: { orderId: 'that', step: 2 },
};

// PaymentFacts alone is abstract: it has no body of its own.
const classes = Object.entries<unknown>({ ...contracts, ...testContracts }).filter(
  (entry): entry is [string, Class] =>
    typeof entry[1] === 'function' && entry[0] !== 'PaymentFacts',
);

const hostile = fc.oneof(
  fc.emailAddress(),
  fc.string({ unit: 'binary', size: 'medium' }),
  fc.jsonValue(),
  fc.anything({ withDate: true, withMap: true, withSet: true, withNullPrototype: true }),
  fc.anything({ withSparseArray: true, withBigInt: true, withTypedArray: true }),
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    ' ',
    'x'.repeat(65),
    'x'.repeat(501),
    -0,
    NaN,
    1e21,
  ),
  fc.constantFrom<unknown>('😀', '😀'.repeat(40), 'a\uFE0F'.repeat(40), '\uD83D', 'é'.repeat(64)),
  fc.constantFrom<unknown>([], [[]], [{}], [null], [item, 1], { 0: item }, new Set([item]), [item]),
  fc.constantFrom<unknown>({ constructor: 1 }, { toString: 1 }, { then: () => 1 }, new Date(0)),
  fc.constantFrom<unknown>({ ...item, quantity: '2' }, [{ ...item, more: { a: [1] } }], () => 1),
  fc.constantFrom<unknown>(JSON.parse('{"__proto__":{"a":1}}'), Object.create(item), Math.max),
);

/** A good body with some fields changed, dropped or added, in any order. */
function bodiesLike(good: Fields): fc.Arbitrary<Fields> {
  const names = [...Object.keys(good), 'more', 'toString', 'constructor', 'then', '__proto__'];
  const changes = fc.array(fc.tuple(fc.constantFrom(...names), fc.option(hostile, { freq: 6 })), {
    maxLength: 3,
  });
  return fc
    .tuple(fc.shuffledSubarray(Object.entries(good), { minLength: 1 }), changes)
    .map(([entries, changed]) => {
      const body = Object.fromEntries(entries.length > 1 ? entries : Object.entries(good));
      for (const [name, value] of changed) {
        if (value === null) delete body[name];
        else {
          const field = { value, enumerable: true, writable: true, configurable: true };
          Object.defineProperty(body, name, field);
        }
      }
      return body;
    });
}

function judged(type: Class, body: object): object | undefined {
  try {
    return judgedInstance(type, body);
  } catch {
    return undefined;
  }
}

describe.each(classes)('%s', (name, type) => {
  const good = bodies[name] ?? (type as { sample?: Fields }).sample;
  if (good === undefined) throw new Error(`${name} has no \`static readonly sample\``);

  it('is built in the short way when it is right', () => {
    expect(buildInstance(type, good)).toStrictEqual(judgedInstance(type, good));
    expect(buildInstance(type, good)).toBeInstanceOf(type);
  });

  it('is built only as class-validator allows it', () => {
    fc.assert(
      fc.property(bodiesLike(good), (body) => {
        const expected = judged(type, body);
        const built = buildInstance(type, body);
        if (built !== undefined) expect(built).toStrictEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('drops what it does not know, JSON and all', () => {
    const body = { ...good, more: { a: [1, { b: null }] }, prototype: {} };
    expect(buildInstance(type, body)).toStrictEqual(judgedInstance(type, good));
  });

  it.each([
    ['__proto__', '"__proto__":{"a":1}', '/__proto__'],
    ['constructor', '"constructor":null', '/constructor'],
    ['toString in what it does not know', '"more":{"a":[{"toString":1}]}', '/more/a/0/toString'],
  ])('is refused with a field %s', (_what, more, at) => {
    const body = JSON.parse(JSON.stringify(good).replace(/\}$/, `,${more}}`)) as object;
    const refusal = new InvalidBody(name, [`${at} ${inheritedName}`]);
    expect(() => toInstance(type, body)).toThrow(refusal);
  });
});

class Odd {
  @IsString()
  name!: string;
}

class WithGroups {
  @IsString({ groups: ['admin'] })
  name!: string;
}

class WithCondition {
  @ValidateIf(({ name }: WithCondition) => name !== 'any')
  @IsInt()
  name!: unknown;
}

class WithValidateIf {
  @IsInt({ validateIf: () => false })
  name!: unknown;
}

class WithOwnRule {
  @ValidateBy({ name: 'isOdd', validator: { validate: (value) => value === 'odd' } })
  name!: string;
}

class WithTransform {
  @IsString()
  @Transform(({ value }) => String(value))
  name!: string;
}

class WithExpose {
  @IsString()
  @Expose({ name: 'called' })
  name!: string;
}

class WithDefault {
  @IsOptional()
  @IsString()
  name: unknown = 7;
}

class WithAccessor {
  @IsString()
  name!: string;

  set called(value: string) {
    this.name = value;
  }
}

class WithNumber {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  name!: number;
}

class WithChoice {
  @ValidateNested()
  @Type((about) => (about?.object.wide === true ? contracts.SaleItem : Odd))
  name!: object;
}

class WithoutType {
  @ValidateNested()
  @IsObject()
  name!: object;
}

class WithoutRules {
  name!: string;
}

class Tree {
  @IsOptional()
  @ValidateNested()
  @Type(() => Tree)
  name?: Tree;

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  @Length(2, 4, { each: true })
  leaves?: string[];
}

class Bounds {
  @IsOptional()
  @MinLength(2)
  @MaxLength(3)
  name!: string;

  @IsOptional()
  @IsIn([1, NaN, null])
  choice!: unknown;
}

const firstTwo = ({ value }: { value: unknown }) =>
  Array.isArray(value) ? value.slice(0, 2) : value;

class WithPattern {
  @Matches(/^[a-z]+$/, { message: 'no' })
  name!: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1)
  @Transform(harmless(firstTwo))
  @IsString({ each: true })
  leaves?: string[];
}

const odd = { Odd, WithGroups, WithCondition, WithValidateIf, WithOwnRule, WithTransform };
const odder = { WithExpose, WithDefault, WithAccessor, WithNumber, WithChoice, WithoutType };
const oddest = { WithoutRules, Tree, Bounds, WithPattern };
const names = ['name', 'called', 'leaves', 'choice', 'wide'];

it.each(Object.entries<Class>({ ...odd, ...odder, ...oddest }))(
  '%s, which has what is hard to know, is never built otherwise than class-validator allows',
  (_name, type) => {
    const value = fc.oneof(
      hostile,
      fc.constantFrom<unknown>('odd', 'any', 1, '1', ['ab'], ['a'], item, { name: 'odd' }, true),
      fc.array(fc.string({ unit: 'grapheme', maxLength: 5 })),
    );
    const body = fc.dictionary(fc.constantFrom(...names), value, { noNullPrototype: true });
    fc.assert(
      fc.property(body, (fields) => {
        const expected = judged(type, fields);
        const built = buildInstance(type, fields);
        if (built !== undefined) expect(built).toStrictEqual(expected);
      }),
      { numRuns: 150 },
    );
  },
);

it('a class with patterns, and with transforms that leave what is right, is built', () => {
  const body = { name: 'odd', leaves: ['a'] };
  expect(buildInstance(WithPattern, body)).toStrictEqual(judgedInstance(WithPattern, body));
});

it('a field that the class does not have, or one in it, is refused where that is asked for', () => {
  const sale = contracts.SaleFinalized.sample;
  expect(buildInstance(contracts.SaleFinalized, sale, 'refused')).toMatchObject(sale);
  const wider = [
    { ...sale, more: 1 },
    { ...sale, items: [item, { ...item, more: 1 }] },
  ];
  for (const body of wider) {
    expect(buildInstance(contracts.SaleFinalized, body, 'refused')).toBeUndefined();
    expect(buildInstance(contracts.SaleFinalized, body)).toMatchObject(sale);
  }
});

it('a body that is wrong is judged, and its problems are named, by class-validator', () => {
  const sale = { ...contracts.SaleFinalized.sample, items: [{ ...item, quantity: 0 }] };
  const refused = () => toInstance(contracts.SaleFinalized, sale);
  expect(refused).toThrow(InvalidBody);
  expect(refused).toThrow('/items/0/quantity quantity must not be less than 1');
});

it('a value that trips the judge, being half a character, makes an invalid body', () => {
  const body = { ...contracts.User.sample, email: '\uD83D' };
  expect(() => toInstance(contracts.User, body)).toThrow(InvalidBody);
});

it.each([
  ['{"constructor":1}', '/data/constructor'],
  ['{"a":[{"constructor":"Object"}]}', '/data/a/0/constructor'],
  ['{"a":{"__proto__":{"polluted":true}}}', '/data/a/__proto__'],
  ['{"constructor":{"prototype":{"polluted":true}}}', '/data/constructor'],
  ['{"toString":null}', '/data/toString'],
])('a field that takes any object takes none like %s', (data, at) => {
  const body = { ...contracts.LogEntry.sample, data: JSON.parse(data) as Fields };
  const refusal = new InvalidBody('LogEntry', [`${at} ${inheritedName}`]);
  expect(() => toInstance(contracts.LogEntry, body)).toThrow(refusal);
  expect({}).not.toHaveProperty('polluted');
});

it('a field that takes any object keeps one named prototype, as what it is', () => {
  const body = { ...contracts.LogEntry.sample, data: { prototype: { polluted: true }, then: 1 } };
  expect(toInstance(contracts.LogEntry, body)).toMatchObject(body);
  expect({}).not.toHaveProperty('polluted');
});

it('a body with a long name in characters of two units is right, though it is not built', () => {
  const user = { ...contracts.User.sample, name: '😀'.repeat(150) };
  expect(buildInstance(contracts.User, user)).toBeUndefined();
  expect(toInstance(contracts.User, user)).toMatchObject(user);
});

it('a body with a text as long as its rule asks is built, when each character is one unit', () => {
  const bounded = (name: string) => buildInstance(Bounds, { name });
  expect(bounded('ab')).toStrictEqual(judgedInstance(Bounds, { name: 'ab' }));
  expect(bounded('a')).toBeUndefined();
  expect(bounded('\u{1F600}')).toBeUndefined();
});
