import { Type } from 'class-transformer';
import { IsArray, IsObject, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { v7 } from 'uuid';
import { judgedInstance, toInstance } from '../src/body';
import { InvalidBody } from '../src/errors';
import { canonicalId } from '../src/validation/canonical-ids';

class Line {
  @IsUUID()
  id!: string;
}

class List {
  @IsUUID(7)
  id!: string;

  @IsOptional()
  @IsUUID()
  parent?: string | null;

  @IsOptional()
  @IsArray()
  @IsUUID(undefined, { each: true })
  others?: string[];

  @IsOptional()
  @IsArray()
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines?: Line[];

  @IsOptional()
  @IsString()
  text?: string;
}

const id = `0192f0c4-7a1b-7c3d-8e4f-${'abcdef012345'}`;
const capitals = id.toUpperCase();

it('an id is one id however it is spelled, wherever a contract has one', () => {
  const spelled = (id: string) => ({ id, parent: id, others: [id, id], lines: [{ id }, { id }] });
  expect(toInstance(List, spelled(capitals))).toEqual(toInstance(List, spelled(id)));
  expect(toInstance(List, spelled(id))).toEqual(spelled(id));
  expect(toInstance(List, { id: capitals, parent: null })).toEqual({ id, parent: null });
  expect(judgedInstance(List, { id: capitals, lines: null })).toEqual({ id, lines: null });
});

it('a text that is no id by its contract stays as it is', () => {
  expect(toInstance(List, { id, text: capitals })).toMatchObject({ text: capitals });
});

it.each([`{${id}}`, id.replaceAll('-', ''), `urn:uuid:${id}`, ` ${id}`, `${id}\n`])(
  'no other spelling is an id: %j',
  (spelling) => {
    expect(() => toInstance(List, { id: spelling })).toThrow(InvalidBody);
    expect(canonicalId(spelling)).toBeUndefined();
  },
);

it('an id in an address is as PostgreSQL gives it back', () => {
  const made = v7();
  expect(canonicalId(made.toUpperCase())).toBe(made);
});
