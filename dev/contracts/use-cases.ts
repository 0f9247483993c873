import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const handlerFile = /\.(work|fanout|topic|rpc)\.ts$/;

/** What each handler calls, by `Class.method`: `SaleFinalizedFanout.handle` → `book-sales`. */
export function useCasesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder).filter((name) => handlerFile.test(name));
  return new Map(files.flatMap((name) => calledIn(join(folder, name))));
}

function calledIn(file: string): [string, string][] {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((type) =>
    type.members.filter(ts.isMethodDeclaration).flatMap((method): [string, string][] => {
      const called = method.body && firstCalled(method.body);
      const name = `${type.name?.text}.${method.name.getText()}`;
      return called === undefined ? [] : [[name, kebab(called)]];
    }),
  );
}

/** Of `this.bookSales.run(sales)`: bookSales. */
function firstCalled(node: ts.Node): string | undefined {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression: of } = node.expression;
    const isOwn =
      ts.isPropertyAccessExpression(of) && of.expression.kind === ts.SyntaxKind.ThisKeyword;
    if (isOwn) return of.name.text;
  }
  return ts.forEachChild(node, firstCalled);
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z\d])[A-Z]/g, '-$&').toLowerCase();
}
