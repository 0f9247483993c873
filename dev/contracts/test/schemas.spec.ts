import { Expose, Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsEmail,
  IsHexColor,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { harmless } from '@tradepost/messaging';
import { type Class, schemasOf } from '../schemas';
import { commentsIn } from '../doc-comments';

const isOdd = { name: 'isOdd', validator: { validate: (value: unknown) => value === 'odd' } };

class Part {
  @IsString()
  name!: string;
}

class Base {
  /** Of the base. */
  @IsIn(['a', 'b'])
  kind!: string;
}

class Whole extends Base {
  @Min(1)
  @Max(3)
  @IsInt()
  count!: number;

  @IsOptional()
  @IsIn(['a', 'b'])
  choice?: string | null;

  @IsObject()
  @ValidateNested()
  @Type(() => Part)
  part!: Part;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(2)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => Part)
  @Transform(harmless(({ value }: { value: unknown }) => value))
  parts?: Part[];

  @ValidateBy(isOdd, { context: { schema: { type: 'string', enum: ['odd'] } } })
  odd!: string;
}

const refuses = (field: PropertyDecorator, ...more: PropertyDecorator[]): Class => {
  class Refused {
    value!: string;
  }
  for (const decorate of [field, ...more]) decorate(Refused.prototype, 'value');
  return Refused;
};

const tolerant = { unknown: 'dropped' } as const;

it('takes a class with those that it extends and has within', () => {
  expect(schemasOf([Whole], tolerant)).toEqual({
    Whole: {
      type: 'object',
      properties: {
        count: { type: 'integer', minimum: 1, maximum: 3 },
        choice: { type: ['string', 'null'], enum: ['a', 'b', null] },
        part: { $ref: '#/components/schemas/Part' },
        parts: {
          type: ['array', 'null'],
          maxItems: 2,
          items: { $ref: '#/components/schemas/Part' },
        },
        odd: { type: 'string', enum: ['odd'] },
        kind: { type: 'string', enum: ['a', 'b'] },
      },
      required: ['count', 'part', 'odd', 'kind'],
    },
    Part: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  });
});

it('says where fields that the class does not have are refused, and refers as told', () => {
  const { Whole: whole, Part: part } = schemasOf([Whole], { unknown: 'refused', refs: '#/$defs/' });

  expect(whole).toMatchObject({ additionalProperties: false });
  expect(part).toMatchObject({ additionalProperties: false });
  expect(whole?.properties?.['part']).toEqual({ $ref: '#/$defs/Part' });
});

it('takes descriptions from doc comments, those of a base class too', () => {
  const comments = commentsIn('dev/contracts/test');
  const { Whole: whole } = schemasOf([Whole], { ...tolerant, comments });

  expect(whole?.properties?.['kind']?.description).toBe('Of the base.');
});

class Exposed {
  @Expose({ name: 'called' })
  @IsString()
  name!: string;
}

class Bare {
  @ValidateNested()
  part!: object;
}

it.each<[why: string, type: Class]>([
  ['no schema is known for "isHexColor"', refuses(IsHexColor())],
  ['no schema is known for "isOdd"', refuses(ValidateBy(isOdd))],
  ['no schema is known for an option of "isEmail"', refuses(IsEmail({ require_tld: false }))],
  ['no schema is known for an option of "matches"', refuses(Matches(/a/i))],
  ['no schema is known for an option of "isUuid"', refuses(IsUUID('loose'))],
  ['no schema says when "isString" counts', refuses(IsString({ groups: ['some'] }))],
  ['no schema is known for "conditionalValidation"', refuses(ValidateIf(() => true))],
  ['two decorators say the same of it', refuses(Length(1, 9), MaxLength(8))],
  ['two decorators say the same of it', refuses(Matches(/a/), Matches(/b/))],
  [
    '@Transform comes before the rules',
    refuses(
      IsString(),
      Transform(() => 'x'),
    ),
  ],
  ['no decorator says what it is', refuses(IsOptional())],
  ['@ValidateNested needs @Type', Bare],
  ['no schema says what @Expose', Exposed],
])('refuses what it would lose: %s', (why, type) => {
  expect(() => schemasOf([type], tolerant)).toThrow(why);
});

it('refuses two classes of one name', () => {
  expect(() => schemasOf([refuses(IsString()), refuses(IsInt())], tolerant)).toThrow(
    'two classes have the name Refused',
  );
});
