import { type Edit, removed, replaced } from './mutant';
import type { SqlCursor } from './sql-cursor';

/** Constraints and triggers taken out of a migration; what a trigger's function refuses, let be. */
export function schemaEdits(sql: SqlCursor): Edit[] {
  return sql.tokens.flatMap((_, index) => [
    ...tableEdits(sql, index),
    ...statementEdits(sql, index),
  ]);
}

function tableEdits(sql: SqlCursor, index: number): Edit[] {
  if (!sql.says(index, 'CREATE', 'TABLE') && !sql.says(index, 'CREATE', 'UNLOGGED')) return [];
  let open = index;
  while (open < sql.tokens.length && sql.at(open) !== '(') open += 1;
  const close = sql.afterParenthesis(open) - 1;
  if (open + 1 >= close) return [];
  const elements = sql.split(open + 1, close, ',');
  const key = new Set(elements.flatMap(([from]) => keyColumns(sql, from)));
  return elements.flatMap(([from, to], position) => {
    if (!/^(UNIQUE|PRIMARY|CHECK|FOREIGN|EXCLUDE|CONSTRAINT)$/.test(sql.at(from))) {
      return columnEdits(sql, from, to, key.has(sql.at(from)));
    }
    const { change } = removed(sql.text, sql.start(from), sql.endBefore(to));
    // With the comma before it, or, of the first one, after it.
    const [start, end] =
      position > 0
        ? [sql.endBefore(from - 1), sql.endBefore(to)]
        : [sql.start(from), sql.start(to + 1)];
    return [{ ...removed(sql.text, start, end), change }];
  });
}

/** Of PRIMARY KEY (a, b). */
function keyColumns(sql: SqlCursor, index: number): string[] {
  if (!sql.says(index, 'PRIMARY', 'KEY', '(')) return [];
  const names = sql.tokens.slice(index + 3, sql.afterParenthesis(index + 2) - 1);
  return names.map(({ text }) => text);
}

/** @param isKey of the primary key, which says NOT NULL as well */
function columnEdits(sql: SqlCursor, from: number, to: number, isKey: boolean): Edit[] {
  const column = sql.at(from);
  const edits: Edit[] = [];
  for (let index = from + 1; index < to; index += 1) {
    const end = constraintEnd(sql, index);
    if (end === undefined || (isKey && sql.at(index) === 'NOT')) continue;
    const edit = removed(sql.text, sql.start(index), sql.endBefore(end));
    edits.push({ ...edit, change: `${column}: ${edit.change}` });
  }
  return edits;
}

/** The token after the constraint that begins at `index`, if one does. */
function constraintEnd(sql: SqlCursor, index: number): number | undefined {
  if (sql.says(index, 'NOT', 'NULL') || sql.says(index, 'PRIMARY', 'KEY')) return index + 2;
  if (sql.says(index, 'UNIQUE')) return index + 1;
  if (sql.says(index, 'CHECK', '(')) return sql.afterParenthesis(index + 1);
  if (!sql.says(index, 'REFERENCES')) return undefined;
  let end = index + 2;
  if (sql.at(end) === '(') end = sql.afterParenthesis(end);
  while (/^(ON|DELETE|UPDATE|CASCADE|SET|NULL|RESTRICT|DEFERRABLE)$/.test(sql.at(end))) end += 1;
  return end;
}

function statementEdits(sql: SqlCursor, index: number): Edit[] {
  const after = sql.afterStatement(index);
  const whole = (by: string): Edit[] => [
    {
      ...removed(sql.text, sql.start(index), sql.endBefore(after)),
      text: by,
    },
  ];
  if (sql.says(index, 'RAISE', 'EXCEPTION') || sql.says(index, 'PERFORM')) return whole('NULL;');
  if (sql.says(index, 'CREATE', 'UNIQUE', 'INDEX')) {
    return [removed(sql.text, sql.start(index + 1), sql.start(index + 2))];
  }
  if (sql.says(index, 'CREATE', 'TRIGGER') || sql.says(index, 'CREATE', 'CONSTRAINT', 'TRIGGER')) {
    return [...whole(''), ...triggerEvents(sql, index, after)];
  }
  return sql.says(index, 'REVOKE') || sql.says(index, 'ALTER', 'TABLE') ? whole('') : [];
}

/** BEFORE UPDATE OR DELETE: for each of them alone, not. */
function triggerEvents(sql: SqlCursor, from: number, to: number): Edit[] {
  const edits: Edit[] = [];
  for (let index = from; index < to; index += 1) {
    if (sql.at(index) !== 'OR') continue;
    const edit = removed(sql.text, sql.start(index), sql.endBefore(index + 2));
    edits.push({ ...edit, change: `${sql.at(from + 2)}: ${edit.change}` });
    if (/^(BEFORE|AFTER|OF)$/.test(sql.at(index - 2))) {
      const first = replaced(sql.text, sql.start(index - 1), sql.start(index + 1), '');
      edits.push({ ...first, change: `${sql.at(from + 2)}: removed: ${sql.at(index - 1)}` });
    }
  }
  return edits;
}
