import ts from 'typescript';
import type { Sources } from './sources';

/** What the parameters of a function are given where it is called. */
export type Given = ReadonlyMap<ts.Node, { expression: ts.Expression; given: Given }>;

/** The value that the text of an expression says; undefined: that is known at run time alone. */
export function valueOf(sources: Sources, expression: ts.Expression, given: Given): unknown {
  const inner = withoutTypes(expression);
  if (ts.isStringLiteralLike(inner)) return inner.text;
  if (ts.isNumericLiteral(inner)) return Number(inner.text);
  if (ts.isObjectLiteralExpression(inner)) return objectOf(sources, inner, given);
  if (ts.isTemplateExpression(inner)) return textOf(sources, inner, given);
  if (ts.isConditionalExpression(inner)) return valueOf(sources, inner.whenTrue, given);
  if (ts.isIdentifier(inner)) return namedValue(sources, inner, given);
  return undefined;
}

function withoutTypes(expression: ts.Expression): ts.Expression {
  const isCast =
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression);
  return isCast ? withoutTypes(expression.expression) : expression;
}

function objectOf(
  sources: Sources,
  literal: ts.ObjectLiteralExpression,
  given: Given,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const property of literal.properties) {
    if (ts.isSpreadAssignment(property)) {
      Object.assign(result, valueOf(sources, property.expression, given));
    } else if (ts.isPropertyAssignment(property)) {
      result[nameOf(property.name)] = valueOf(sources, property.initializer, given);
    } else if (ts.isShorthandPropertyAssignment(property)) {
      result[property.name.text] = namedValue(sources, property.name, given);
    }
  }
  return result;
}

function nameOf(name: ts.PropertyName): string {
  return ts.isStringLiteralLike(name) ? name.text : name.getText();
}

/** What is not known in it stands there as a name: `There is no user {id}`. */
function textOf(sources: Sources, template: ts.TemplateExpression, given: Given): string {
  const parts = template.templateSpans.map(({ expression, literal }) => {
    const value = valueOf(sources, expression, given);
    const name = /(\w+)\W*$/.exec(expression.getText())?.[1] ?? '';
    const isText = typeof value === 'string' || typeof value === 'number';
    return `${isText ? value : `{${name}}`}${literal.text}`;
  });
  return template.head.text + parts.join('');
}

function namedValue(sources: Sources, name: ts.Identifier, given: Given): unknown {
  for (const declaration of sources.declarationsOf(name)) {
    const bound = given.get(declaration);
    if (bound) return valueOf(sources, bound.expression, bound.given);
    if (ts.isVariableDeclaration(declaration) && declaration.initializer) {
      return valueOf(sources, declaration.initializer, given);
    }
  }
  return undefined;
}
