import ts from 'typescript';

export interface Offence {
  /** From the repository's folder, with slashes. */
  path: string;
  /** From 1. */
  line: number;
  rule: string;
  /** What is wrong and what to write instead. */
  advice: string;
}

/** One parsed file, and the offences found in it. */
export class Source {
  readonly offences: Offence[] = [];
  readonly file: ts.SourceFile;

  constructor(
    readonly path: string,
    readonly text: string,
  ) {
    this.file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  }

  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  get isTest(): boolean {
    return /^(apps|libs|ops|dev)\/(.*\/)?test\/|^test\/e2e\/|^test\/.*\/test\//.test(this.path);
  }

  get mayBeBarrel(): boolean {
    return /^(libs\/[^/]+\/src|test\/kit)\/index\.ts$/.test(this.path);
  }

  get isSpec(): boolean {
    return this.path.endsWith('.spec.ts');
  }

  /** @param at a node or a position in the text */
  report(at: ts.Node | number, rule: string, advice: string): void {
    const position = typeof at === 'number' ? at : at.getStart(this.file);
    this.offences.push({ path: this.path, line: this.lineOf(position), rule, advice });
  }

  lineOf(position: number): number {
    return this.file.getLineAndCharacterOfPosition(position).line + 1;
  }

  /** Calls `visit` with every node of the file. */
  walk(visit: (node: ts.Node) => void): void {
    const step = (node: ts.Node): void => {
      visit(node);
      ts.forEachChild(node, step);
    };
    step(this.file);
  }

  /** Every comment with its position; strings that look like one are none. */
  comments(): { position: number; text: string }[] {
    const found = new Map<number, string>();
    this.walk((node) => {
      const ranges = [
        ...(ts.getLeadingCommentRanges(this.text, node.getFullStart()) ?? []),
        ...(ts.getTrailingCommentRanges(this.text, node.getEnd()) ?? []),
      ];
      for (const { pos, end } of ranges) found.set(pos, this.text.slice(pos, end));
    });
    return [...found].map(([position, text]) => ({ position, text }));
  }
}
