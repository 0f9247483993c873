import type { DrillResult } from './run';

const columns = [
  ['publ.', 'published', 7],
  ['conf.', 'confirmed', 7],
  ['ret.', 'returned', 5],
  ['unkn.', 'unknown', 6],
  ['effects', 'effects', 8],
  ['dead', 'dead', 5],
  ['lost', 'lost', 6],
  ['dup', 'duplicates', 6],
  ['left', 'left', 6],
] as const;

const nameWidth = 35;
const cellWidth = 30;

/** A row of a table in Markdown. */
export function rowOf(cells: readonly [drill: string, before: string, after: string]): string {
  const widths = [nameWidth + 2, cellWidth, cellWidth];
  return `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
}

/** In a few words; of a drill that failed what is wrong, of how many messages. */
export function cellOf({ accounts, passed, violations }: DrillResult): string {
  if (accounts === undefined) return '–';
  return passed ? 'passed' : `${violations.join(', ')} (of ${accounts.published})`;
}

export function headLine(): string {
  const names = columns.map(([title, , width]) => title.padStart(width)).join('');
  return `${'drill'.padEnd(nameWidth)}${names}     s`;
}

/** A line of at most 100 columns; violations go in lines below it. */
export function linesOf({ drill, accounts, skipped, passed, ...more }: DrillResult): string[] {
  if (accounts === undefined) return [`${drill.padEnd(nameWidth)}  skipped: ${skipped}`];
  const cells = columns.map(([, key, width]) => String(accounts[key]).padStart(width)).join('');
  const name = `${drill.padEnd(nameWidth - 1)}${passed ? ' ' : '!'}`;
  const line = `${name}${cells}${more.seconds.toFixed(0).padStart(6)}`;
  const wrong = more.violations.map((violation) => `    failed: ${violation}`);
  return [line, ...wrong, ...more.notes.map((note) => `    ${note}`)];
}
