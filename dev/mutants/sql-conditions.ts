import { brief, type Edit, replaced } from './mutant';
import type { SqlCursor } from './sql-cursor';

// A microsecond more or less of a time that passes is nothing that a test can see.
const clock = /\b(now|clock_timestamp|make_interval|interval)\b/;
const turned: Record<string, string> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/**
 * Each condition of WHERE, HAVING, JOIN … ON, CASE WHEN, IF and CHECK, off: with what holds always
 * or never beside it. The condition itself stays, so that its parameters keep their types.
 */
export function conditionEdits(sql: SqlCursor): Edit[] {
  return sql.tokens.flatMap((_, index) => {
    const from = index + 1;
    const to = sql.clauseEnd(from);
    if (sql.at(from) === 'true' && to === from + 1) return [];
    if (sql.says(index, 'WHERE') || sql.says(index, 'HAVING') || isJoinsOn(sql, index)) {
      return termEdits(sql, from, to);
    }
    if (isChoice(sql, index, to)) return [off(sql, from, to, 'OR true'), off(sql, from, to)];
    if (!sql.says(index, 'CHECK', '(')) return [];
    const close = sql.afterParenthesis(from) - 1;
    const edits = termEdits(sql, from + 1, close);
    // The constraint as a whole is taken out elsewhere.
    return edits.filter(
      ({ start, end }) => start > sql.start(from + 1) || end < sql.endBefore(close),
    );
  });
}

function isJoinsOn(sql: SqlCursor, on: number): boolean {
  if (!sql.says(on, 'ON') || sql.says(on, 'ON', 'CONFLICT')) return false;
  const depth = sql.depth(on);
  for (let index = on - 1; index >= 0 && sql.depth(index) >= depth; index -= 1) {
    if (sql.depth(index) > depth) continue;
    if (sql.at(index) === 'JOIN') return true;
    if (/^(ON|WHERE|;)$/.test(sql.at(index))) return false;
  }
  return false;
}

/** CASE WHEN … THEN, IF … THEN; not DROP … IF EXISTS, nor what an exception is caught by. */
function isChoice(sql: SqlCursor, index: number, to: number): boolean {
  if (sql.at(to) !== 'THEN') return false;
  if (sql.at(index) === 'IF') return sql.at(index - 1) !== 'END';
  return sql.at(index) === 'WHEN' && isSearchedCase(sql, index);
}

/** CASE WHEN a = 1 …; of CASE a WHEN 1 … the parts are values. */
function isSearchedCase(sql: SqlCursor, when: number): boolean {
  let index = when;
  while (index >= 0 && sql.depth(index) >= sql.depth(when)) index -= 1;
  return sql.says(index, 'CASE', 'WHEN');
}

function termEdits(sql: SqlCursor, from: number, to: number): Edit[] {
  const anyOf = sql.split(from, to, 'OR');
  return anyOf.flatMap(([begin, end]) => {
    const allOf = sql.split(begin, end, 'AND');
    const inner = allOf.flatMap((term) => [
      ...(anyOf.length === 1 || allOf.length > 1 ? [off(sql, ...term, 'OR true')] : []),
      ...partEdits(sql, ...term),
    ]);
    return anyOf.length === 1 ? inner : [off(sql, begin, end), ...inner];
  });
}

/** What a single condition is made of: others in parentheses, or a comparison. */
function partEdits(sql: SqlCursor, from: number, to: number): Edit[] {
  if (sql.at(from) === '(' && sql.afterParenthesis(from) === to) {
    const edits = termEdits(sql, from + 1, to - 1);
    return edits.filter(
      ({ end, start }) => start > sql.start(from + 1) || end < sql.endBefore(to - 1),
    );
  }
  const text = sql.slice(from, to);
  if (clock.test(text) || text.includes('SELECT')) return [];
  return sql.tokens.slice(from, to).flatMap((token) => {
    const by = turned[token.text];
    if (by === undefined) return [];
    const change = `${brief(text)}: ${token.text} → ${by}`;
    return [{ ...replaced(sql.text, token.start, token.end, by), change }];
  });
}

function off(sql: SqlCursor, from: number, to: number, beside = 'AND false'): Edit {
  const text = sql.slice(from, to);
  const comment = text.includes('--') ? '\n' : '';
  return {
    start: sql.start(from),
    end: sql.endBefore(to),
    text: `(${text}${comment} ${beside})`,
    change: `${beside === 'AND false' ? 'never' : 'always'}: ${brief(text)}`,
  };
}
