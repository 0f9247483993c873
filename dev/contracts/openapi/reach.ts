import ts from 'typescript';
import { type Given, valueOf } from './literals';
import type { Sources } from './sources';

/** A problem as the code has it that throws it. */
export interface KnownProblem {
  status: number;
  type: string;
  title: string;
  detail?: string;
  headers: string[];
}

/** What code that a route can reach says of its answers. */
export interface Reached {
  problems: Map<string, KnownProblem>;
  /** Of answers that are no problem, beside the usual one. */
  statuses: Set<number>;
  /** Of streams. */
  mediaTypes: Set<string>;
  headers: Set<string>;
  /** It asks another service. */
  asks: boolean;
}

const nothing: Given = new Map();

/**
 * Reads all code that some code refers to, in the sources: a route answers with no problem that
 * none of its code makes. It may be too much (a branch that this route never takes), never too
 * little.
 */
export function reach(sources: Sources, roots: readonly ts.Node[]): Reached {
  const walk = new Walk(sources);
  for (const root of roots) walk.read(root, nothing);
  return walk.reached;
}

class Walk {
  readonly reached: Reached = {
    problems: new Map(),
    statuses: new Set(),
    mediaTypes: new Set(),
    headers: new Set(),
    asks: false,
  };
  private readonly seen = new Set<ts.Node>();

  constructor(private readonly sources: Sources) {}

  read(node: ts.Node, given: Given): void {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    if (ts.isObjectLiteralExpression(node)) this.note(node, given);
    if (ts.isCallExpression(node)) this.call(node, given);
    else if (ts.isIdentifier(node)) this.follow(node);
    ts.forEachChild(node, (child) => this.read(child, given));
  }

  /** Once, whoever refers to it. */
  private follow(name: ts.Identifier): void {
    for (const declaration of this.sources.declarationsOf(name)) {
      if (this.seen.has(declaration) || ts.isParameter(declaration)) continue;
      this.seen.add(declaration);
      if (this.sources.isOwn(declaration)) this.open(declaration);
      else if (isAsk(declaration)) this.reached.asks = true;
    }
  }

  private open(declaration: ts.Declaration): void {
    if (ts.isClassDeclaration(declaration)) return this.openClass(declaration);
    if (ts.isFunctionLike(declaration) || ts.isVariableDeclaration(declaration)) {
      ts.forEachChild(declaration, (child) => this.read(child, nothing));
    }
    if (ts.isPropertyDeclaration(declaration)) {
      if (declaration.initializer) this.read(declaration.initializer, nothing);
      // Or its constructor gives it a value.
      else if (ts.isClassDeclaration(declaration.parent)) this.construct(declaration.parent);
    }
  }

  /** Made with `new`, or named in a decorator: a guard. */
  private openClass(declaration: ts.ClassDeclaration): void {
    this.construct(declaration);
    for (const member of declaration.members) {
      if (member.name?.getText() === 'canActivate') this.read(member, nothing);
    }
  }

  private construct({ members }: ts.ClassDeclaration): void {
    for (const member of members) {
      if (ts.isConstructorDeclaration(member)) this.read(member, nothing);
    }
  }

  /** Of a function whose parameters say which problem it is, each call is another. */
  private call({ expression, arguments: args }: ts.CallExpression, given: Given): void {
    if (this.isOfReply(expression)) this.noteReply(expression.name.text, args, given);
    if (!ts.isIdentifier(expression)) return;
    for (const declaration of this.sources.declarationsOf(expression)) {
      if (!ts.isFunctionDeclaration(declaration) || !this.sources.isOwn(declaration)) continue;
      const more = declaration.parameters.flatMap((parameter, index) => {
        const argument = args[index];
        return argument ? [[parameter, { expression: argument, given }] as const] : [];
      });
      if (declaration.body) this.readProblems(declaration.body, new Map(more));
    }
  }

  private readProblems(node: ts.Node, given: Given): void {
    if (ts.isObjectLiteralExpression(node)) this.note(node, given);
    ts.forEachChild(node, (child) => this.readProblems(child, given));
  }

  private note(literal: ts.ObjectLiteralExpression, given: Given): void {
    const { checker } = this.sources;
    const expected = checker.getContextualType(literal);
    const type = expected && checker.getNonNullableType(expected).symbol?.name;
    const value = valueOf(this.sources, literal, given) as Record<string, unknown>;
    if (type === 'StreamableFileOptions' && typeof value.type === 'string') {
      this.reached.mediaTypes.add(value.type.split(';')[0] ?? '');
    }
    if (type === 'ProblemOptions') this.noteProblem(value);
  }

  private noteProblem({ status, type, title, detail, headers }: Record<string, unknown>): void {
    if (typeof type !== 'string' || !/^[a-z\d-]+$/.test(type)) return;
    const before = this.reached.problems.get(type);
    const names = [...(before?.headers ?? []), ...Object.keys(headers ?? {})];
    this.reached.problems.set(type, {
      status: status as number,
      type,
      title: title as string,
      ...(typeof detail === 'string' ? { detail } : before?.detail && { detail: before.detail }),
      headers: [...new Set(names.map((name) => name.toLowerCase()))],
    });
  }

  private isOfReply(expression: ts.Expression): expression is ts.PropertyAccessExpression {
    if (!ts.isPropertyAccessExpression(expression)) return false;
    const type = this.sources.checker.getTypeAtLocation(expression.expression);
    const types = type.isIntersection() ? type.types : [type];
    return types.some(({ symbol }) => symbol?.name === 'HttpReply');
  }

  private noteReply(method: string, [first]: readonly ts.Expression[], given: Given): void {
    const value = first && valueOf(this.sources, first, given);
    if (method === 'status' && typeof value === 'number') this.reached.statuses.add(value);
    // The media type is that of a content.
    if (method !== 'header' || value === 'content-type') return;
    if (typeof value === 'string') this.reached.headers.add(value);
  }
}

function isAsk(declaration: ts.Declaration): boolean {
  return (
    ts.isMethodDeclaration(declaration) &&
    declaration.name.getText() === 'ask' &&
    /\/libs\/messaging\//.test(declaration.getSourceFile().fileName)
  );
}
