import { Type } from 'class-transformer';
import {
  IsInt,
  IsOptional,
  IsString,
  Length,
  Min,
  ValidateBy,
  type ValidationArguments,
} from 'class-validator';
import { invalidRequest } from './problem';

/** Items of a page at most, where a list does not say otherwise. */
export const pageMax = 100;
/** Items of a page at most where clients such as an audit read the whole list. */
export const bulkPageMax = 1_000;

export interface Paging {
  /** `nextCursor` of the page before. */
  cursor?: string;
  limit: number;
}

/**
 * The query of a list whose pages have a size of their own: extend the class that this gives.
 * @param limitMax the most that `limit` may be; it may depend on the rest of the query
 * @param filters the class of what else the query may have
 */
export function pageQuery<Query extends object, Filters extends object = object>(
  limitMax: number | ((query: Query) => number),
  filters: new () => Filters = Object as unknown as new () => Filters,
): new () => Paging & Filters {
  const maxFor = typeof limitMax === 'number' ? () => limitMax : limitMax;
  const most = typeof limitMax === 'number' ? limitMax : bulkPageMax;
  const maxOf = (args?: ValidationArguments): number => maxFor(args?.object as Query);

  // A type parameter is no base class to TypeScript.
  class PagingQuery extends (filters as new () => object) implements Paging {
    @IsOptional()
    @IsString()
    @Length(1, 500)
    cursor?: string;

    @IsOptional()
    @Type(() => Number)
    @IsInt()
    @Min(1)
    @ValidateBy(
      {
        name: 'max',
        validator: {
          validate: (limit, args) => typeof limit === 'number' && limit <= maxOf(args),
          defaultMessage: (args) => `$property must not be greater than ${maxOf(args)}`,
        },
      },
      { context: { schema: { type: 'integer', maximum: most } } },
    )
    limit: number = 20;
  }
  return PagingQuery as new () => Paging & Filters;
}

/** The query of every other list: extend it with the filters of yours. */
export class PageQuery extends pageQuery(pageMax) {}

export interface Page<Item> {
  items: Item[];
  /** Null on the last page. */
  nextCursor: string | null;
}

interface CursorValues {
  string: string;
  integer: number;
  uuid: string;
  /** ISO 8601, UTC. */
  time: string;
}

type CursorKind = keyof CursorValues;
type CursorValue = CursorValues[CursorKind];

const kinds: Record<CursorKind, (value: unknown) => boolean> = {
  // PostgreSQL has no text with U+0000.
  string: (value) => typeof value === 'string' && !value.includes('\0'),
  integer: (value) => Number.isSafeInteger(value),
  uuid: (value) =>
    typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value),
  time: (value) =>
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(value) &&
    !Number.isNaN(Date.parse(value)),
};

/** The position where a page ended, as an opaque text for clients. */
export function encodeCursor(values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/**
 * The values that `encodeCursor` was given.
 * @throws Problem 400 unless they are of the expected kinds, so that no other reaches a statement
 */
export function decodeCursor<const Kinds extends CursorKind[]>(
  text: string,
  ...expected: Kinds
): { [Index in keyof Kinds]: CursorValues[Kinds[Index]] } {
  const values = parse(text);
  const fits =
    Array.isArray(values) &&
    values.length === expected.length &&
    expected.every((kind, index) => kinds[kind](values[index]));
  if (!fits) {
    throw invalidRequest([{ pointer: '/cursor', detail: 'must be the nextCursor of a page' }]);
  }
  return values as { [Index in keyof Kinds]: CursorValues[Kinds[Index]] };
}

/**
 * A page from rows that were queried with `limit + 1`: the extra row means that there is more.
 * @param cursorOf the values that a row is ordered by
 */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => readonly CursorValue[],
): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, nextCursor: more ? encodeCursor(cursorOf(last)) : null };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
  } catch {
    return undefined;
  }
}
