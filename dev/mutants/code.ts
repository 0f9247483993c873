import ts from 'typescript';
import { brief, type Edit, replaced } from './mutant';

const turned: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
};
const twoSided = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);
/** Calls that give back what they were called on, more or less of it. */
const dropped = /^(sort|toSorted|reverse|filter|slice|toLowerCase|trim)$/;
const swapped = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['max', 'min'],
  ['min', 'max'],
]);
const log = /^(this\.)?log(ger)?\.|^console\./;

/** Every decision of a TypeScript source turned, and every act left out, one at a time. */
export function codeEdits(source: ts.SourceFile): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (isSilent(node, source)) return;
    edits.push(...editsOf(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edits;
}

/** Types do nothing, decorators wire, and what is logged decides nothing. */
function isSilent(node: ts.Node, source: ts.SourceFile): boolean {
  if (ts.isTypeNode(node) || ts.isDecorator(node) || ts.isImportDeclaration(node)) return true;
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  return ts.isExpressionStatement(node) && log.test(node.getText(source));
}

function editsOf(node: ts.Node, source: ts.SourceFile): Edit[] {
  const by = (part: ts.Node, text: string): Edit =>
    replaced(source.text, part.getStart(source), part.end, text);
  const both = (condition: ts.Expression, word: string): Edit[] =>
    ['true', 'false'].map((value) => ({
      ...by(condition, value),
      change: `${word} (${brief(condition.getText(source))}) → ${value}`,
    }));
  if (ts.isIfStatement(node)) return both(node.expression, 'if');
  if (ts.isConditionalExpression(node)) return both(node.condition, '?:');
  if (ts.isWhileStatement(node)) return [by(node.expression, 'false')];
  if (ts.isForStatement(node) && node.condition) return [by(node.condition, 'false')];
  if (ts.isBinaryExpression(node)) return binaryEdits(node, source);
  if (ts.isCallExpression(node)) return callEdits(node, source);
  if (ts.isExpressionStatement(node)) return statementEdits(node, source);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return ts.isIfStatement(node.parent) ? [] : [by(node, node.operand.getText(source))];
  }
  if (isAnswer(node)) return [by(node, node.kind === ts.SyntaxKind.TrueKeyword ? 'false' : 'true')];
  return [];
}

/** `return true`, `() => false`. */
function isAnswer({ kind, parent }: ts.Node): boolean {
  if (kind !== ts.SyntaxKind.TrueKeyword && kind !== ts.SyntaxKind.FalseKeyword) return false;
  return ts.isReturnStatement(parent) || ts.isArrowFunction(parent);
}

function binaryEdits(node: ts.BinaryExpression, source: ts.SourceFile): Edit[] {
  const { left, right, operatorToken } = node;
  const start = node.getStart(source);
  if (twoSided.has(operatorToken.kind)) {
    return [left, right].map((side) =>
      replaced(source.text, start, node.end, `(${side.getText(source)})`),
    );
  }
  const by = turned[operatorToken.kind] ?? (isSum(node) ? '-' : undefined);
  const isEquality = by === '===' || by === '!==';
  if (by === undefined || (isEquality && isWholeCondition(node))) return [];
  const edit = replaced(source.text, operatorToken.getStart(source), operatorToken.end, by);
  return [
    { ...edit, change: `${brief(node.getText(source))}: ${operatorToken.getText(source)} → ${by}` },
  ];
}

/** Of numbers, as far as one can see. */
function isSum({ left, right, operatorToken }: ts.BinaryExpression): boolean {
  if (operatorToken.kind !== ts.SyntaxKind.PlusToken) return false;
  return [left, right].every(
    (side) => !ts.isStringLiteralLike(side) && !ts.isTemplateExpression(side),
  );
}

/** Its two outcomes are tried as those of the `if`, the `?:` or the `&&` around it. */
function isWholeCondition({ parent }: ts.Node): boolean {
  if (ts.isBinaryExpression(parent)) return twoSided.has(parent.operatorToken.kind);
  return ts.isIfStatement(parent) || ts.isConditionalExpression(parent);
}

function callEdits(node: ts.CallExpression, source: ts.SourceFile): Edit[] {
  const { expression: callee } = node;
  const start = node.getStart(source);
  if (ts.isPropertyAccessExpression(callee)) {
    const { name, expression: target } = callee;
    const other = swapped.get(name.text);
    if (other !== undefined) {
      return [replaced(source.text, name.getStart(source), name.end, other)];
    }
    const isOurs = target.kind === ts.SyntaxKind.ThisKeyword;
    if (isOurs || !dropped.test(name.text)) return [];
    const change = `removed: .${brief(source.text.slice(name.getStart(source), node.end))}`;
    return [{ ...replaced(source.text, start, node.end, target.getText(source)), change }];
  }
  // One of several that are awaited together: a statement of its own is left out as such.
  const isListed = ts.isArrayLiteralExpression(node.parent);
  if (!isListed || !/^(lock|once)/.test(callee.getText(source))) return [];
  return [replaced(source.text, start, node.end, 'undefined')];
}

function statementEdits(node: ts.ExpressionStatement, source: ts.SourceFile): Edit[] {
  const act = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
  const isSuper = ts.isCallExpression(act) && act.expression.kind === ts.SyntaxKind.SuperKeyword;
  if (isSuper || ts.isStringLiteral(act)) return [];
  const [start, { end }] = [node.getStart(source), node];
  return [{ start, end, text: ';', change: `removed: ${brief(node.getText(source))}` }];
}
