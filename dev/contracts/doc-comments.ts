import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

interface ClassComments {
  text?: string;
  fields: Record<string, string>;
}

/** The doc comments of classes and of their fields, by the names of the classes. */
export type Comments = ReadonlyMap<string, ClassComments>;

/** @throws when two classes of these folders have the same name and are told apart by nothing */
export function commentsIn(...folders: string[]): Comments {
  const found = new Map<string, ClassComments>();
  for (const file of folders.flatMap(sourcesIn)) {
    for (const [name, comments] of classesIn(file)) {
      const other = found.get(name);
      if (other !== undefined && JSON.stringify(other) !== JSON.stringify(comments)) {
        throw new Error(`${file}: there is another class ${name} with other comments`);
      }
      found.set(name, comments);
    }
  }
  return found;
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function classesIn(file: string): [string, ClassComments][] {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((one) => {
    if (one.name === undefined) return [];
    const fields = one.members.filter(ts.isPropertyDeclaration).flatMap((member) => {
      const comment = commentOf(member);
      return comment === undefined ? [] : [[member.name.getText(), comment] as const];
    });
    const comments = { text: commentOf(one), fields: Object.fromEntries(fields) };
    return [[one.name.text, comments] as [string, ClassComments]];
  });
}

/** The lines of a paragraph are one. */
function commentOf(node: ts.Node): string | undefined {
  const [last] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
  const text = ts.getTextOfJSDocComment(last?.comment);
  return text?.replace(/(?<!\n)\n(?!\n|-)/g, ' ');
}
