import { brief, type Edit, removed, replaced } from './mutant';
import type { SqlCursor } from './sql-cursor';

/** Clauses taken out, and calls and signs turned: locks, orders, limits, conflicts, sums. */
export function clauseEdits(sql: SqlCursor): Edit[] {
  return sql.tokens.flatMap((_, index) =>
    [conflict, lock, order, small, limit, choice, advisoryLock, sign].flatMap((find) =>
      find(sql, index),
    ),
  );
}

const conflictEnds = new Set(['RETURNING', ';', '$$']);
const afterOrder = ['LIMIT', 'OFFSET', 'FOR', 'FETCH', 'ON', 'RETURNING', 'UNION', ';', '$$'];
const orderEnds = new Set(afterOrder);

function conflict(sql: SqlCursor, index: number): Edit[] {
  if (!sql.says(index, 'ON', 'CONFLICT')) return [];
  const to = sql.clauseEnd(index, conflictEnds);
  const edits = [cut(sql, index, to)];
  for (let at = index; at < to; at += 1) {
    if (!sql.says(at, 'DO', 'UPDATE')) continue;
    edits.push(replaced(sql.text, sql.start(at), sql.endBefore(to), 'DO NOTHING'));
  }
  return edits;
}

/** FOR UPDATE [OF …] [SKIP LOCKED | NOWAIT] and its kin. */
function lock(sql: SqlCursor, index: number): Edit[] {
  if (sql.says(index, 'SKIP', 'LOCKED')) return [cut(sql, index, index + 2)];
  if (sql.says(index, 'NOWAIT')) return [cut(sql, index, index + 1)];
  if (sql.says(index, 'LOCK', 'TABLE')) return [cut(sql, index, sql.afterStatement(index))];
  if (sql.says(index, 'SET', 'TRANSACTION')) {
    return [replaced(sql.text, sql.start(index), sql.text.length, 'SELECT 1')];
  }
  if (sql.at(index) !== 'FOR' || !/^(UPDATE|SHARE|NO|KEY)$/.test(sql.at(index + 1))) return [];
  return [cut(sql, index, sql.clauseEnd(index))];
}

function order(sql: SqlCursor, index: number): Edit[] {
  if (sql.at(index) === 'DESC') return [cut(sql, index, index + 1)];
  if (!sql.says(index, 'ORDER', 'BY')) return [];
  return [cut(sql, index, sql.clauseEnd(index, orderEnds))];
}

function small(sql: SqlCursor, index: number): Edit[] {
  if (sql.at(index) === 'DISTINCT' && !/^(ON|FROM)$/.test(sql.at(index + 1))) {
    return [cut(sql, index, index + 1)];
  }
  return sql.says(index, 'UNION', 'ALL') ? [cut(sql, index + 1, index + 2)] : [];
}

/** The limit that a null is, of the parameter's own type. */
function limit(sql: SqlCursor, index: number): Edit[] {
  if (sql.at(index) !== 'LIMIT') return [];
  const [start, end] = [sql.start(index + 1), sql.endBefore(sql.clauseEnd(index + 1))];
  const given = sql.text.slice(start, end);
  const text = `nullif(${given}::bigint, ${given}::bigint)`;
  return [{ start, end, text, change: `removed: LIMIT ${brief(given)}` }];
}

/** Each side of coalesce, greatest and least alone. */
function choice(sql: SqlCursor, index: number): Edit[] {
  if (!/^(coalesce|greatest|least)$/i.test(sql.at(index)) || sql.at(index + 1) !== '(') return [];
  const after = sql.afterParenthesis(index + 1);
  const sides = sql.split(index + 2, after - 1, ',');
  if (sides.length < 2) return [];
  return sides.map((side) =>
    replaced(sql.text, sql.start(index), sql.endBefore(after), `(${sql.slice(...side)})`),
  );
}

function advisoryLock(sql: SqlCursor, index: number): Edit[] {
  const name = sql.at(index);
  if (!/^pg_(try_)?advisory_(xact_)?lock/.test(name)) return [];
  const after = sql.afterParenthesis(index + 1);
  const values = sql.slice(index + 1, after);
  const text = name.includes('_try_') ? `(concat${values} IS NOT NULL)` : `concat${values}`;
  const change = `not locked: ${brief(name + values)}`;
  return [{ start: sql.start(index), end: sql.endBefore(after), text, change }];
}

/** + and - between two values. */
function sign(sql: SqlCursor, index: number): Edit[] {
  const by = { '+': '-', '-': '+' }[sql.at(index)];
  if (by === undefined || !/^[\w$).'"]+$/.test(sql.at(index - 1))) return [];
  if (/^(ELSE|THEN|WHEN|SELECT|AND|OR)$/.test(sql.at(index - 1))) return [];
  const edit = replaced(sql.text, sql.start(index), sql.start(index) + 1, by);
  const beside = brief(sql.slice(index - 1, index + 2));
  return [{ ...edit, change: `${beside}: ${sql.at(index)} → ${by}` }];
}

function cut(sql: SqlCursor, from: number, to: number): Edit {
  return removed(sql.text, sql.start(from), sql.endBefore(to));
}
