/** A body as text, as a person reads and edits it. */

const token = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** JSON with each member on a line of its own, its values as they are written; or as it is. */
export function indented(text: string): string {
  if (jsonProblem(text) !== undefined) return text;
  const tokens = text.match(token) ?? [];
  let depth = 0;
  let out = '';
  tokens.forEach((one, at) => {
    const before = tokens[at - 1];
    if (one === '}' || one === ']') {
      depth -= 1;
      out += before === '{' || before === '[' ? one : newLine(depth) + one;
      return;
    }
    const begins = before === '{' || before === '[' || before === ',';
    out += (begins ? newLine(depth) : '') + (one === ':' ? ': ' : one);
    depth += one === '{' || one === '[' ? 1 : 0;
  });
  return out;
}

export interface TextProblem {
  message: string;
  /** From 1; undefined: not known. */
  line?: number;
  /** A JSON pointer. */
  pointer?: string;
}

/** Why this text cannot be sent as a body, whatever its contract says; undefined: it can. */
export function bodyProblem(text: string): TextProblem | undefined {
  const problem = jsonProblem(text);
  if (problem) return problem;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { message: 'a body is a JSON object', line: 1 };
  }
  return lostNumber(text);
}

/** The text goes through JavaScript's numbers on its way. */
function lostNumber(text: string): TextProblem | undefined {
  for (const { 0: one, index } of text.matchAll(token)) {
    if (!isKept(one)) {
      return { message: `${one} is too long to be kept exactly`, line: lineAt(text, index) };
    }
  }
  return undefined;
}

function isKept(one: string): boolean {
  if (/^-?\d+$/.test(one)) return Number.isSafeInteger(Number(one));
  return !/^-?\d/.test(one) || Number.isFinite(Number(one));
}

function jsonProblem(text: string): TextProblem | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    const at = /unexpected end/i.test(message) ? text.length : position && Number(position);
    return {
      message: withoutPlace(message),
      ...(typeof at === 'number' && { line: lineAt(text, at) }),
    };
  }
}

/** V8 adds the place, or an excerpt, to what is wrong. */
function withoutPlace(message: string): string {
  return message
    .replace(/,? ?(\.\.\.)?"[^]*(\.\.\.)?" is not valid JSON$/, '')
    .replace(/ (in JSON )?at position \d+.*$/, '');
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function newLine(depth: number): string {
  return `\n${'  '.repeat(depth)}`;
}

/**
 * What a contract refuses, one by one, each at its line of the text:
 * `ChargePayment: /amount must be an integer; /currency must be one of …`.
 */
export function contractProblems(problem: string, text: string): TextProblem[] {
  const lines = pointerLines(text);
  return problem
    .replace(/^\w+: (?=\/)/, '')
    .split(/; (?=\/)/)
    .map((message) => {
      const pointer = /^\/\S*/.exec(message)?.[0];
      if (pointer === undefined) return { message };
      return { message: message.slice(pointer.length).trim(), pointer, ...lineOf(lines, pointer) };
    });
}

/** Of the member itself, or of the nearest one around it that is there. */
function lineOf(lines: Map<string, number>, pointer: string): { line?: number } {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const line = lines.get(at);
    if (line !== undefined) return { line };
  }
  return lines.size > 0 ? { line: 1 } : {};
}

/** The line of each member and item, by its pointer. */
function pointerLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const path: (string | number)[] = [];
  let name: string | undefined;
  let line = 1;
  let index = 0;
  for (const match of text.matchAll(token)) {
    line += text.slice(index, match.index).split('\n').length - 1;
    index = match.index;
    const [one] = match;
    const inList = typeof path.at(-1) === 'number';
    if (one === '{' || one === '[') {
      if (inList) lines.set(`/${path.join('/')}`, line);
      path.push(one === '[' ? 0 : '');
    } else if (one === '}' || one === ']') {
      path.pop();
    } else if (one === ',') {
      const last = path.at(-1);
      if (typeof last === 'number') path[path.length - 1] = last + 1;
    } else if (one === ':' && name !== undefined) {
      path[path.length - 1] = name;
      lines.set(`/${path.join('/')}`, line);
    } else if (inList) {
      lines.set(`/${path.join('/')}`, line);
    }
    name = one.startsWith('"') ? one.slice(1, -1) : undefined;
  }
  return lines;
}
