import { type Token, tokensOf } from './sql-tokens';

const clauseEnds = new Set([
  ...['GROUP', 'ORDER', 'LIMIT', 'OFFSET', 'FOR', 'RETURNING', 'UNION', 'HAVING', 'WHERE', 'ON'],
  ...['JOIN', 'LEFT', 'CROSS', 'SET', 'WINDOW', 'FETCH', 'LOOP', 'THEN', 'DO', ';', ',', '$$'],
]);

/** A statement's tokens, and how far its parts go. Positions are indexes of tokens. */
export class SqlCursor {
  readonly tokens: Token[];

  constructor(readonly text: string) {
    this.tokens = tokensOf(text);
  }

  at(index: number): string {
    return this.tokens[index]?.text ?? '';
  }

  /** Whether these words stand there, in this order. */
  says(index: number, ...words: string[]): boolean {
    return words.every((word, offset) => this.at(index + offset) === word);
  }

  depth(index: number): number {
    return this.tokens[index]?.depth ?? -1;
  }

  /** Where the token begins; the text's end, after the last one. */
  start(index: number): number {
    return this.tokens[index]?.start ?? this.text.length;
  }

  /** Where the token before `index` ends. */
  endBefore(index: number): number {
    return this.tokens[index - 1]?.end ?? 0;
  }

  slice(from: number, to: number): string {
    return this.text.slice(this.start(from), this.endBefore(to));
  }

  /** The first token that is no longer of the clause that begins at `from`. */
  clauseEnd(from: number, ends: ReadonlySet<string> = clauseEnds): number {
    const depth = this.depth(from);
    let index = from;
    while (index < this.tokens.length && this.depth(index) >= depth) {
      if (index > from && this.depth(index) === depth && ends.has(this.at(index))) break;
      index += 1;
    }
    return index;
  }

  /** The token after the parenthesis that closes the one at `open`. */
  afterParenthesis(open: number): number {
    const depth = this.depth(open);
    let index = open + 1;
    while (index < this.tokens.length && this.depth(index) > depth) index += 1;
    return index + 1;
  }

  afterStatement(from: number): number {
    let index = from;
    while (index < this.tokens.length && this.at(index) !== ';') index += 1;
    return index + 1;
  }

  /** Parts of a range at the depth of its first token, cut at `word`: of AND, not BETWEEN's. */
  split(from: number, to: number, word: string): [from: number, to: number][] {
    const depth = this.depth(from);
    const parts: [number, number][] = [];
    let begin = from;
    let between = false;
    for (let index = from; index < to; index += 1) {
      if (this.depth(index) !== depth) continue;
      if (this.at(index) === 'BETWEEN') between = true;
      if (this.at(index) !== word) continue;
      if (word === 'AND' && between) {
        between = false;
        continue;
      }
      parts.push([begin, index]);
      begin = index + 1;
    }
    return [...parts, [begin, to]];
  }
}
