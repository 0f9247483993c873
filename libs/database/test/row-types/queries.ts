import ts from 'typescript';

/** What a query says that it gives: the type of each column. */
export interface Query {
  /** `path:line` */
  at: string;
  file: string;
  /** Its SQL, in each of the ways that can be read off the code. */
  texts: string[];
  columns: { name: string; isOptional: boolean; type: ts.Type }[];
}

const waysMax = 64;
/** What stands for a part of SQL that only the running program knows; for a number, 1 does. */
const standIns = ['', 'NULL', 'WHERE true'];

/** The calls of `query<Row>`, of `Db`, `Tx` and `Database`, with a row type that names columns. */
export function queriesIn(program: ts.Program, isOurs: (file: string) => boolean): Query[] {
  const checker = program.getTypeChecker();
  const files = program.getSourceFiles().filter(({ fileName }) => isOurs(fileName));
  return files.flatMap((source) => {
    const found: Query[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) found.push(...queryOf(node, checker));
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

function queryOf(call: ts.CallExpression, checker: ts.TypeChecker): Query[] {
  const { expression: callee } = call;
  const [statement] = call.arguments;
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'query') return [];
  if (statement === undefined || isPassedOn(statement, checker)) return [];
  const columns = columnsOf(call, checker);
  if (columns.length === 0) return [];
  const source = call.getSourceFile();
  const line = source.getLineAndCharacterOfPosition(call.getStart()).line + 1;
  const texts = new Texts(checker).ofStatement(statement);
  return [{ at: `${source.fileName}:${line}`, file: source.fileName, texts, columns }];
}

/** Of a wrapper around `query`: its callers say both statement and row. */
function isPassedOn(statement: ts.Expression, checker: ts.TypeChecker): boolean {
  if (ts.isObjectLiteralExpression(statement)) return true;
  const declaration = checker.getSymbolAtLocation(statement)?.valueDeclaration;
  return declaration !== undefined && ts.isParameter(declaration);
}

/** Of the `Row` in `Promise<Row[]>`; none where no type says what is in a row. */
function columnsOf(call: ts.CallExpression, checker: ts.TypeChecker): Query['columns'] {
  const rows = checker.getAwaitedType(checker.getTypeAtLocation(call));
  const row = rows && checker.getIndexTypeOfType(rows, ts.IndexKind.Number);
  return (row?.getProperties() ?? []).map((property) => ({
    name: property.name,
    isOptional: (property.flags & ts.SymbolFlags.Optional) !== 0,
    type: checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(property, call)),
  }));
}

/** Reads SQL off the code that puts it together. */
class Texts {
  constructor(private readonly checker: ts.TypeChecker) {}

  /** Of what has a `text`, or makes something that has. */
  ofStatement(node: ts.Expression): string[] {
    const inner = bare(node);
    if (ts.isObjectLiteralExpression(inner)) {
      const text = inner.properties.find((one) => one.name?.getText() === 'text');
      return text && ts.isPropertyAssignment(text) ? this.of(text.initializer) : [];
    }
    return this.sources(inner).flatMap((source) => this.ofStatement(source));
  }

  private of(node: ts.Expression): string[] {
    const inner = bare(node);
    if (ts.isStringLiteralLike(inner)) return [inner.text];
    if (ts.isTemplateExpression(inner)) {
      const parts = inner.templateSpans.map(({ expression, literal }) =>
        product(this.of(expression), [literal.text]),
      );
      return parts.reduce(product, [inner.head.text]);
    }
    if (this.isNumber(inner)) return ['1'];
    if (ts.isBinaryExpression(inner)) return product(this.of(inner.left), this.of(inner.right));
    const sources = this.sources(inner).flatMap((source) => this.of(source));
    return sources.length > 0 ? sources.slice(0, waysMax) : this.literals(inner);
  }

  /** What this expression takes its value from, as far as the code says. */
  private sources(node: ts.Expression): ts.Expression[] {
    if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse];
    const declaration = this.declarationOf(ts.isCallExpression(node) ? node.expression : node);
    if (declaration === undefined) return [];
    if (ts.isCallExpression(node)) return returnedBy(declaration);
    const isConst = ts.isVariableDeclaration(declaration) && declaration.initializer;
    return isConst ? [isConst] : [];
  }

  private declarationOf(node: ts.Expression): ts.Declaration | undefined {
    const symbol = this.checker.getSymbolAtLocation(node);
    const isAlias = symbol && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    return (isAlias ? this.checker.getAliasedSymbol(symbol) : symbol)?.valueDeclaration;
  }

  private isNumber(node: ts.Expression): boolean {
    return (this.checker.getTypeAtLocation(node).flags & ts.TypeFlags.NumberLike) !== 0;
  }

  private literals(node: ts.Expression): string[] {
    const type = this.checker.getTypeAtLocation(node);
    const all = type.isUnion() ? type.types : [type];
    const texts = all.flatMap((one) => (one.isStringLiteral() ? [one.value] : []));
    return texts.length > 0 ? texts : standIns;
  }
}

function bare(node: ts.Expression): ts.Expression {
  const isWrapped =
    ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node);
  return isWrapped ? bare(node.expression) : node;
}

function returnedBy(declaration: ts.Declaration): ts.Expression[] {
  const made = ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
  if (made === undefined || !ts.isFunctionLike(made) || !('body' in made)) return [];
  const { body } = made;
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const returns = body.statements.filter(ts.isReturnStatement);
  return returns.flatMap(({ expression }) => (expression ? [expression] : []));
}

function product(left: string[], right: string[]): string[] {
  return left.flatMap((one) => right.map((other) => one + other)).slice(0, waysMax);
}
