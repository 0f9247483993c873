export interface Token {
  text: string;
  start: number;
  end: number;
  /** How many parentheses and CASEs are open around it. */
  depth: number;
}

// What is between dollar quotes is SQL, too: a function's body.
const parts = [
  /(\s+|--[^\n]*)/,
  /'(?:[^']|'')*'|"[^"]*"|\$\d+|\$\w*\$/,
  /[A-Za-z_][\w.]*|\d[\d.]*/,
  /::|<>|<=|>=|->>?|\|\||&&|@>|<@|[^]/,
];
const pattern = new RegExp(parts.map(({ source }) => source).join('|'), 'g');

/** The words and signs of SQL, without white space and comments. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const open: string[] = [];
  for (const { 0: found, 1: space, index: start } of text.matchAll(pattern)) {
    if (space !== undefined) continue;
    if (found === ')' || (found === 'END' && open.at(-1) === 'CASE')) open.pop();
    tokens.push({ text: found, start, end: start + found.length, depth: open.length });
    if (found === '(' || found === 'CASE') open.push(found);
  }
  return tokens;
}
