export interface DiffLine {
  sign: '+' | '-' | ' ';
  text: string;
}

/** Beyond these, lines between the first and the last difference are told as replaced at once. */
const cellsMax = 4_000_000;

/** How a text became another one, line by line: a longest common subsequence. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) {
    tail += 1;
  }
  return [
    ...a.slice(0, head).map((text): DiffLine => ({ sign: ' ', text })),
    ...changed(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map((text): DiffLine => ({ sign: ' ', text })),
  ];
}

/** Without what is far from any change; a gap is `undefined`. */
export function around(lines: DiffLine[], context = 3): (DiffLine | undefined)[] {
  const shown = new Set<number>();
  lines.forEach((line, at) => {
    if (line.sign !== ' ') {
      for (let near = at - context; near <= at + context; near += 1) {
        shown.add(near);
      }
    }
  });
  return lines.flatMap((line, at) => {
    if (shown.has(at)) {
      return [line];
    }
    return at === 0 || shown.has(at - 1) ? [undefined] : [];
  });
}

function changed(a: string[], b: string[]): DiffLine[] {
  if (a.length * b.length > cellsMax) {
    return [...a.map(taken), ...b.map(added)];
  }
  const common = commonLengths(a, b);
  const width = b.length + 1;
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if ((common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)) {
      lines.push(taken(a[i] ?? ''));
      i += 1;
    } else {
      lines.push(added(b[j] ?? ''));
      j += 1;
    }
  }
  return [...lines, ...a.slice(i).map(taken), ...b.slice(j).map(added)];
}

/** Of `a` from i and `b` from j, at `i * (b.length + 1) + j`. */
function commonLengths(a: string[], b: string[]): Uint32Array {
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        a[i] === b[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  return common;
}

function taken(text: string): DiffLine {
  return { sign: '-', text };
}

function added(text: string): DiffLine {
  return { sign: '+', text };
}
