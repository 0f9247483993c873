import {
  Context,
  createFormatter,
  createParser,
  DEFAULT_CONFIG,
  DefinitionType,
  type NodeParser,
  type TypeFormatter,
} from 'ts-json-schema-generator';
import ts from 'typescript';
import type { Schema } from '../schema';
import type { Sources } from './sources';

/** Of a method that answers otherwise than by JSON. */
const noJson = ['StreamableFile', 'void', 'undefined', 'string'];
const refs = '#/components/schemas/';

/** The schemas of what TypeScript says that routes answer. */
export class Answers {
  /** By their names, of all types that have been asked for. */
  readonly schemas: Record<string, Schema> = {};
  private readonly parser: NodeParser;
  private readonly formatter: TypeFormatter;

  constructor({ program }: Sources) {
    const config = {
      ...DEFAULT_CONFIG,
      expose: 'all' as const,
      jsDoc: 'extended' as const,
      // Said only where a type has an index.
      additionalProperties: false,
      skipTypeCheck: true,
      encodeRefs: false,
      functions: 'hide' as const,
    };
    this.parser = createParser(program, config);
    this.formatter = createFormatter(config);
  }

  /** Undefined: it answers no JSON. */
  schemaOf(method: ts.MethodDeclaration): Schema | undefined {
    const nodes = method.type ? jsonOf(method.type) : [];
    const schemas = nodes.map((node) => {
      const schema = this.settledType(node);
      const name = nameOf(node);
      if (name === undefined || schema.$ref !== undefined) return schema;
      this.set(name, schema);
      return { $ref: refs + name };
    });
    return schemas.length > 1 ? { anyOf: schemas } : schemas[0];
  }

  /** Of what Nest sends as it is. */
  isText(method: ts.MethodDeclaration): boolean {
    return /^(Promise<)?string>?$/.test(method.type?.getText() ?? '');
  }

  /** Of a type that no route names. */
  add(declaration: ts.InterfaceDeclaration): void {
    this.settledType(declaration);
  }

  /** With those that it refers to among the others. */
  private settledType(node: ts.Node): Schema {
    const type = this.parser.createType(node, new Context());
    const definitions = this.formatter
      .getChildren(type)
      .filter((child) => child instanceof DefinitionType);
    const names = new Map(definitions.map((one) => [one.getName(), one]));
    const settle = (schema: unknown): Schema => settled(schema as Schema, names, inline);
    const inline = (name: string): Schema => {
      const named = names.get(name);
      if (!named) throw new Error(`nothing says what ${name} is`);
      return settle(this.formatter.getDefinition(named.getType()));
    };
    for (const one of definitions) {
      const name = one.getName();
      const schema = settle(this.formatter.getDefinition(one.getType()));
      // A second name of a type may be the same name.
      if (isName(name) && schema.$ref !== refs + name) this.set(name, schema);
    }
    return settle(this.formatter.getDefinition(type));
  }

  private set(name: string, schema: Schema): void {
    const before = this.schemas[name];
    if (before && JSON.stringify(before) !== JSON.stringify(schema)) {
      throw new Error(`two types have the name ${name}: one of them needs another`);
    }
    this.schemas[name] = schema;
  }
}

/** The type in a promise, without what is no JSON. */
function jsonOf(node: ts.TypeNode): ts.TypeNode[] {
  if (ts.isTypeReferenceNode(node) && node.typeName.getText() === 'Promise') {
    return (node.typeArguments ?? []).flatMap(jsonOf);
  }
  if (ts.isUnionTypeNode(node)) return node.types.flatMap(jsonOf);
  return noJson.includes(node.getText()) ? [] : [node];
}

/** `OrderDetails`, and `Page<User>` as UserPage. */
function nameOf(node: ts.TypeNode): string | undefined {
  if (!ts.isTypeReferenceNode(node)) return undefined;
  const name = node.typeName.getText();
  const [argument, ...more] = node.typeArguments ?? [];
  if (!argument) return name;
  const own = more.length === 0 ? nameOf(argument) : undefined;
  return own && own + name;
}

function isName(name: string): boolean {
  return /^\w+$/.test(name);
}

/** With the addresses of this document; what has no name of its own stands where it is used. */
function settled(
  schema: Schema,
  names: ReadonlyMap<string, DefinitionType>,
  inline: (name: string) => Schema,
): Schema {
  if (Array.isArray(schema)) {
    return schema.map((one) => settled(one as Schema, names, inline)) as unknown as Schema;
  }
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref, additionalProperties, ...others } = schema;
  // Who reads an answer takes no offence at what is new in it.
  const rest = { ...others, ...(additionalProperties !== false && { additionalProperties }) };
  const known = Object.entries(rest).filter(([, value]) => value !== undefined);
  const entries = known.map(([key, value]) => [key, settled(value as Schema, names, inline)]);
  const more = Object.fromEntries(entries) as Schema;
  if ($ref === undefined) return more;
  const name = $ref.replace('#/definitions/', '');
  return isName(name) ? { $ref: refs + name, ...more } : { ...inline(name), ...more };
}
