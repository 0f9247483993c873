import type { Edit } from './mutant';
import { clauseEdits } from './sql-clauses';
import { conditionEdits } from './sql-conditions';
import { SqlCursor } from './sql-cursor';
import { schemaEdits } from './sql-schema';

/** Every guard of an SQL text, taken out one at a time. */
export function sqlEdits(text: string): Edit[] {
  const sql = new SqlCursor(text);
  return [...conditionEdits(sql), ...clauseEdits(sql), ...schemaEdits(sql)];
}
