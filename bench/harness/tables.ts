import { readFile, writeFile } from 'node:fs/promises';
import { withBlock } from '../../dev/marked-block';
import type { Results } from './results';
import { figureAt, type WorkResult } from './summarise';
import type { Figures, Work } from './work';

/** Writes each work's table between its marks in a document: `<!-- bench:sale -->`. */
export async function writeTables(
  file: string,
  works: readonly Work[],
  results: Results,
): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const work of works) {
    const result = results.works[work.name];
    if (!result) continue;
    const table = `${tableOf(work, result)}\n${madeBy(results, result)}`;
    text = withBlock(text, `bench:${work.name}`, table);
  }
  await writeFile(file, text);
}

/** More subjects than these, and they are the lines of the table. */
const besideMax = 4;

/** Markdown: medians with `(min–max)`, and ratios; figures are its lines, or subjects if many. */
export function tableOf(work: Work, result: WorkResult): string {
  const subjects = subjectsOf(result);
  const paths = Object.keys(work.columns).filter((path) =>
    subjects.some(([, figures]) => figureAt(figures, path) !== undefined),
  );
  const columns = [
    ['', ...paths.map((path) => work.columns[path] ?? path)],
    ...subjects.map(([name, figures]) => [
      name,
      ...paths.map((path) => cell(figureAt(figures, path), spreadAt(result.spread[name], path))),
    ]),
    ...ratiosOf(result).map(([name, ratio]) => [
      name,
      ...paths.map((path) => ratioCell(figureAt(ratio, path))),
    ]),
  ];
  const lines = subjects.length > besideMax ? columns : transposed(columns);
  const [head = [], ...rows] = lines;
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function transposed(columns: string[][]): string[][] {
  return (columns[0] ?? []).map((_, line) => columns.map((cells) => cells[line] ?? ''));
}

function subjectsOf(result: WorkResult): [name: string, Figures][] {
  return Object.keys(result.spread).map((name) => [name, result[name] as Figures]);
}

function ratiosOf(result: WorkResult): [name: string, Figures][] {
  const { ratio } = result;
  const [first, ...others] = Object.keys(result.spread);
  if (!ratio) return [];
  const [only] = others;
  if (others.length === 1) return [[`${first} ÷ ${only}`, ratio]];
  return others.map((name) => [`${first} ÷ ${name}`, ratio[name] as Figures]);
}

function spreadAt(spread: unknown, path: string): [number, number] | undefined {
  let found = spread;
  for (const name of path.split('.')) {
    found = (found as Record<string, unknown> | undefined)?.[name];
  }
  return Array.isArray(found) ? (found as [number, number]) : undefined;
}

function cell(median: number | undefined, spread: [number, number] | undefined): string {
  if (median === undefined) return '–';
  const [min, max] = (spread ?? [median, median]).map(short);
  return min === max ? short(median) : `${short(median)} (${min}–${max})`;
}

const ratioCell = (ratio: number | undefined) =>
  ratio === undefined ? '' : `**${ratio.toFixed(2)}×**`;

/** Three digits that count. */
function short(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded >= 1_000 ? rounded.toLocaleString('en-US') : String(rounded);
}

function madeBy({ machine, versions }: Results, result: WorkResult): string {
  const { node, rabbitmq, postgresql } = versions;
  const { command, commit } = result;
  return [
    '',
    `${result.title} Medians of ${result.runs}, with the least and the most.`,
    `\`${command}\` at ${commit}; ${machine.cores} cores of ${machine.cpu}, ${machine.system};`,
    `Node ${node}, RabbitMQ ${rabbitmq}, PostgreSQL ${postgresql}.`,
  ].join('\n');
}
