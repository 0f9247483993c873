import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A block of code of a page whose first line names its file: `// apps/shipping/src/a.ts`. */
export interface Block {
  kind: string;
  file: string;
  text: string;
}

export function blocksIn(page: string): Block[] {
  return [...page.matchAll(/^```(ts|sql|diff)\n(?:\/\/|--|#) (\S+)\n([^]*?)^```/gm)].map(
    ([, kind = '', file = '', text = '']) => ({ kind, file, text }),
  );
}

/** Does what a block shows, as a reader types it. @throws where it is not what is there */
export function apply(root: string, { kind, file, text }: Block): void {
  const path = join(root, file);
  const there = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const isShown = kind !== 'diff' && there !== undefined;
  if (isShown && there !== text) throw new Error(`the page shows another ${file}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, kind === 'diff' ? changed(there ?? '', file, text) : text);
}

/** Each hunk (they are parted by `@@`) finds its old lines at one place. */
function changed(there: string, file: string, diff: string): string {
  return diff.split('@@\n').reduce((text, hunk) => {
    const lines = hunk.split('\n').slice(0, -1);
    const side = (sign: string) =>
      lines
        .filter((line) => !line.startsWith(sign))
        .map((line) => `${line.slice(1)}\n`)
        .join('');
    const [old, after] = [side('+'), side('-')];
    if (text.split(old).length === 2) return text.replace(old, () => after);
    throw new Error(`the page changes what is not in ${file}:\n${old}`);
  }, there);
}
