import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

/** The sources of all services, with their types: what a running service no longer knows. */
export class Sources {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  private readonly root = resolve('.');

  constructor(apps: readonly string[]) {
    const { config } = ts.parseConfigFileTextToJson(
      'tsconfig.json',
      readFileSync('tsconfig.json', 'utf8'),
    ) as { config: unknown };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, this.root, { noEmit: true });
    const mains = apps.map((app) => resolve(`apps/${app}/src/main.ts`));
    this.program = ts.createProgram(mains, options);
    this.checker = this.program.getTypeChecker();
  }

  /** The method of a class that a service of this name mounts: its own, or one of a lib. */
  method(app: string, className: string, methodName: string): ts.MethodDeclaration {
    for (const statement of this.classOf(app, className).members) {
      if (ts.isMethodDeclaration(statement) && statement.name.getText() === methodName) {
        return statement;
      }
    }
    throw new Error(`${className} has no method ${methodName}`);
  }

  classOf(app: string, className: string): ts.ClassDeclaration {
    for (const folder of [`apps/${app}/src/`, 'libs/service/src/']) {
      for (const file of this.filesIn(folder)) {
        const found = file.statements.find(
          (one) => ts.isClassDeclaration(one) && one.name?.text === className,
        );
        if (found) return found as ts.ClassDeclaration;
      }
    }
    throw new Error(`${app} has no class ${className}`);
  }

  /** Of libs/service. */
  interfaceOf(name: string): ts.InterfaceDeclaration {
    for (const file of this.filesIn('libs/service/src/')) {
      const found = file.statements.find(
        (one) => ts.isInterfaceDeclaration(one) && one.name.text === name,
      );
      if (found) return found as ts.InterfaceDeclaration;
    }
    throw new Error(`libs/service has no interface ${name}`);
  }

  filesIn(folder: string): ts.SourceFile[] {
    return this.program.getSourceFiles().filter((file) => this.pathOf(file).startsWith(folder));
  }

  /** Whether it is code that may answer a request: of a service, or of what serves HTTP. */
  isOwn(node: ts.Node): boolean {
    return /^(apps|libs\/service)\//.test(this.pathOf(node.getSourceFile()));
  }

  pathOf(file: ts.SourceFile): string {
    return file.fileName.replaceAll('\\', '/').slice(this.root.length + 1);
  }

  /** What a name stands for, where it is declared. */
  declarationsOf(name: ts.Node): readonly ts.Declaration[] {
    const symbol = ts.isShorthandPropertyAssignment(name.parent)
      ? this.checker.getShorthandAssignmentValueSymbol(name.parent)
      : this.checker.getSymbolAtLocation(name);
    if (!symbol) return [];
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    return (isAlias ? this.checker.getAliasedSymbol(symbol) : symbol).declarations ?? [];
  }

  /** The text of its doc comment, in one line a paragraph. */
  docOf(node: ts.Node): string {
    const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    const text = comment && ts.getTextOfJSDocComment(comment.comment);
    return (text ?? '').replace(/(?<!\n)\n(?!\n)/g, ' ').trim();
  }
}
