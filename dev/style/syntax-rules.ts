import ts from 'typescript';
import type { Source } from './source';

const functionLinesMax = 70;
const bannedWord = /(Dto|Impl|Manager|Helper|Utils?|Integration)(?=[A-Z0-9_]|$)|Event$/;
const mayReadEnvironment =
  /^(ops\/|dev\/|test\/(kit|faults)\/|libs\/service\/src\/|libs\/[^/]+\/test\/)/;

/** The suffix of a file says which edge is in it, so that `ls` draws the messages. */
const suffixOfDecorator: Record<string, string> = {
  OnWork: '.work.ts',
  OnFanout: '.fanout.ts',
  OnTopic: '.topic.ts',
  OnRpc: '.rpc.ts',
  Controller: '.controller.ts',
  Module: '.module.ts',
};

export function functionLength(source: Source): void {
  source.walk((node) => {
    if (!ts.isFunctionLike(node) || isDescribeBody(node)) return;
    const first = source.lineOf(node.getStart(source.file));
    const lines = source.lineOf(node.getEnd()) - first + 1;
    if (lines > functionLinesMax) {
      const advice = `${lines} lines, at most ${functionLinesMax}: split it where a name is`;
      source.report(node, 'function-length', advice);
    }
  });
}

// A suite is as long as its tests.
function isDescribeBody(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());
}

export function exportedName(source: Source): void {
  for (const statement of source.file.statements) {
    for (const name of namesExportedBy(statement)) {
      const [word] = bannedWord.exec(name.text) ?? [];
      if (word) {
        const advice = `${name.text}: "${word}" says nothing, or too much; leave it out`;
        source.report(name, 'banned-word', advice);
      }
    }
  }
}

function namesExportedBy(statement: ts.Statement): ts.Identifier[] {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations
      .map(({ name }) => name)
      .filter((name) => ts.isIdentifier(name));
  }
  const { name } = statement as ts.DeclarationStatement;
  return name && ts.isIdentifier(name) ? [name] : [];
}

export function barrel(source: Source): void {
  if (source.mayBeBarrel) return;
  for (const statement of source.file.statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier) {
      source.report(statement, 'barrel', 're-exports only in libs/*/src/index.ts');
    }
  }
}

export function environmentRead(source: Source): void {
  if (mayReadEnvironment.test(source.path)) return;
  source.walk((node) => {
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env') {
      source.report(node, 'environment', 'a field of the config class, validated at the start');
    }
  });
}

export function edgeSuffix(source: Source): void {
  if (!/^apps\/[^/]+\/src\//.test(source.path)) return;
  source.walk((node) => {
    if (!ts.isDecorator(node) || !ts.isCallExpression(node.expression)) return;
    const decorator = node.expression.expression.getText();
    const suffix = suffixOfDecorator[decorator];
    if (suffix && !source.name.endsWith(suffix)) {
      source.report(node, 'edge-suffix', `@${decorator} belongs in a *${suffix} file`);
    }
  });
}

export function sqlOutsideStore(source: Source): void {
  if (!/^apps\/[^/]+\/src\//.test(source.path) || source.name.endsWith('.store.ts')) return;
  source.walk((node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const { expression: target, name } = node.expression;
    if (name.text === 'query' && /(^|\.)(tx|db)$/.test(target.getText())) {
      source.report(node, 'sql-outside-store', 'SQL belongs in a *.store.ts file');
    }
  });
}

const unfinishedTests =
  /^(fit|fdescribe|xit|xdescribe|xtest|(it|test|describe)\.(only|skip|todo))$/;
const sleeps = /^(setTimeout|sleep|pause|delay|wait)$/;

export function testHonesty(source: Source): void {
  if (!source.isTest) return;
  source.walk((node) => {
    if (ts.isImportDeclaration(node) && /timers\/promises/.test(node.moduleSpecifier.getText())) {
      source.report(node, 'sleep', 'wait for the outcome with eventually()');
    }
    if (!ts.isCallExpression(node)) return;
    const callee = node.expression.getText();
    if (unfinishedTests.test(callee)) {
      source.report(node, 'unfinished-test', `${callee}: every test runs, every time`);
    }
    if (sleeps.test(callee)) {
      source.report(node, 'sleep', `${callee}(): wait for the outcome with eventually()`);
    }
    const [argument] = node.arguments;
    if (callee === 'expect' && argument && isConstant(argument)) {
      source.report(node, 'empty-expectation', 'expects a constant: it proves nothing');
    }
  });
}

function isConstant(node: ts.Expression): boolean {
  const { TrueKeyword, FalseKeyword, NullKeyword, NumericLiteral } = ts.SyntaxKind;
  return [TrueKeyword, FalseKeyword, NullKeyword, NumericLiteral].includes(node.kind);
}
