import ts from 'typescript';
import type { Column, Columns, Kind } from './columns';
import type { Query } from './queries';

/** Where the row type of a query says another thing than the driver gives, a line each. */
export async function problemsOf(query: Query, columns: Columns): Promise<string[]> {
  const problems = new Set<string>();
  let isTaken = false;
  for (const text of query.texts) {
    const given = await columns.of(text);
    if (given === undefined) continue;
    isTaken = true;
    for (const problem of differences(query, given)) problems.add(problem);
  }
  if (!isTaken) problems.add('no SQL that PostgreSQL takes can be read off the code');
  return [...problems].map((problem) => `${query.at}: ${problem}`);
}

function differences(query: Query, given: Column[]): string[] {
  return query.columns.flatMap(({ name, type, isOptional }) => {
    const column = given.find((one) => one.name === name);
    if (column === undefined) return isOptional ? [] : [`${name} is no column of it`];
    if (mayBe(type, column)) return [];
    return [`${name} comes as ${column.kind}${column.isArray ? '[]' : ''}, not as its row says`];
  });
}

/** Whether a value of the column may have this type. */
function mayBe(type: ts.Type, column: Omit<Column, 'name'>): boolean {
  if ((type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0) return true;
  if (type.isUnionOrIntersection()) return type.types.some((one) => mayBe(one, column));
  const { kind, isArray } = column;
  if (kind === 'json') return true;
  if (!isArray) return isKind(type, kind);
  const item = type.getNumberIndexType();
  return item !== undefined && mayBe(item, { kind, isArray: false });
}

const flags: Partial<Record<Kind, ts.TypeFlags>> = {
  string: ts.TypeFlags.StringLike,
  number: ts.TypeFlags.NumberLike,
  boolean: ts.TypeFlags.BooleanLike,
};

function isKind(type: ts.Type, kind: Kind): boolean {
  const flag = flags[kind];
  if (flag !== undefined) return (type.flags & flag) !== 0;
  if (kind === 'object') return (type.flags & ts.TypeFlags.Object) !== 0;
  return type.symbol?.name === kind;
}
