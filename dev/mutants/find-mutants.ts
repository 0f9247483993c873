import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';
import { codeEdits } from './code';
import { functionsAround } from './functions';
import type { Edit, Mutant } from './mutant';
import { sqlEdits } from './sql';

// What wires, starts and configures decides nothing of its own.
const undecided = /(\.module|\.config|\.d|\/main|\/index)\.ts$/;
const sqlWords =
  /\b(SELECT|INSERT INTO|UPDATE \w|DELETE FROM|LOCK TABLE|FOR UPDATE|SET TRANSACTION|WHERE)\b/;

/** Every mutant of an app's or a lib's sources and migrations. @param root the repository */
export function findMutants(root: string, target: string): Mutant[] {
  const files = ['src', 'migrations'].flatMap((folder) => filesOf(root, `${target}/${folder}`));
  return files.flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8')));
}

function filesOf(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .filter((file) => /\.(ts|sql)$/.test(file) && !undecided.test(file))
    .sort();
}

export function mutantsOf(file: string, text: string): Mutant[] {
  if (file.endsWith('.sql')) return named(sqlEdits(text), { file, text, kind: 'sql' });
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  return [
    ...named(templateEdits(source), { file, text, kind: 'sql', source }),
    ...named(codeEdits(source), { file, text, kind: 'code', source }),
  ];
}

/** Of the SQL in its strings; what a template puts in is one word of it. */
function templateEdits(source: ts.SourceFile): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const start = node.getStart(source) + 1;
      const text = masked(node, source);
      if (sqlWords.test(text)) {
        edits.push(
          ...sqlEdits(text).map((edit) => unmasked(edit, text, source.text.slice(start), start)),
        );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edits;
}

/** The text between its quotes, with a word as long in place of each `${…}`. */
function masked(node: ts.StringLiteralLike | ts.TemplateExpression, source: ts.SourceFile): string {
  const start = node.getStart(source) + 1;
  let text = source.text.slice(start, node.end - 1);
  if (!ts.isTemplateExpression(node)) return text;
  for (const { expression, literal } of node.templateSpans) {
    const [from, to] = [
      expression.getFullStart() - 2 - start,
      literal.getStart(source) + 1 - start,
    ];
    text = text.slice(0, from) + '_'.repeat(to - from) + text.slice(to);
  }
  return text;
}

/** With what stands in the source for the words that were put in. */
function unmasked(edit: Edit, text: string, original: string, offset: number): Edit {
  let copied = edit.text;
  let from = 0;
  const holes = [...text.slice(edit.start, edit.end).matchAll(/_{4,}/g)];
  for (const { 0: hole, index } of holes) {
    const at = copied.indexOf(hole, from);
    if (at < 0) continue;
    const put = original.slice(edit.start + index, edit.start + index + hole.length);
    copied = copied.slice(0, at) + put + copied.slice(at + hole.length);
    from = at + hole.length;
  }
  const change = edit.change.replace(/_{4,}/g, '${…}');
  return { change, text: copied, start: edit.start + offset, end: edit.end + offset };
}

interface Place extends Pick<Mutant, 'file' | 'kind'> {
  text: string;
  source?: ts.SourceFile;
}

function named(edits: Edit[], { file, text, kind, source }: Place): Mutant[] {
  const seen = new Map<string, number>();
  const found = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  return found.map((edit) => {
    const nth = (seen.get(edit.change) ?? 0) + 1;
    seen.set(edit.change, nth);
    const hash = createHash('sha256').update(`${file}\n${edit.change}\n${nth}`).digest('hex');
    const line = text.slice(0, edit.start).split('\n').length;
    const lastLine = text.slice(0, edit.end).split('\n').length;
    const functions = source ? functionsAround(source, edit.start) : [];
    return { ...edit, file, kind, line, lastLine, functions, id: hash.slice(0, 8) };
  });
}
