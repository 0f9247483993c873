import ts from 'typescript';

/**
 * The functions that something in a source acts in, by name: the one around it; for a statement's
 * text, those that use its constant. None: it acts when the file is loaded.
 */
export function functionsAround(source: ts.SourceFile, position: number): string[] {
  let [around, declared]: (string | undefined)[] = [];
  const visit = (node: ts.Node): void => {
    if (position < node.getStart(source) || position >= node.end) return;
    const isConstant = ts.isVariableDeclaration(node) && ts.isIdentifier(node.name);
    if (isConstant && isTopLevel(node)) declared = node.name.getText(source);
    around = nameOf(node, source) ?? around;
    ts.forEachChild(node, visit);
  };
  visit(source);
  if (declared === undefined) return around === undefined ? [] : [around];
  return usersOf(declared, source, new Set());
}

/** As V8 names it: a constructor by its class, a function that is a constant by that. */
function nameOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isConstructorDeclaration(node)) return node.parent.name?.getText(source);
  if (ts.isMethodDeclaration(node)) return node.name.getText(source);
  return ts.isFunctionDeclaration(node) ? node.name?.getText(source) : undefined;
}

function isTopLevel(node: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(node.parent.parent.parent);
}

function usersOf(name: string, source: ts.SourceFile, seen: Set<string>): string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const word = new RegExp(`\\b${name}\\b`);
  const users: string[] = [];
  const visit = (node: ts.Node): void => {
    if (!word.test(node.getText(source))) return;
    const user = nameOf(node, source);
    if (user !== undefined) {
      users.push(user);
    } else if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && isTopLevel(node)) {
      users.push(...usersOf(node.name.text, source, seen));
    } else {
      ts.forEachChild(node, visit);
    }
  };
  visit(source);
  return users;
}
