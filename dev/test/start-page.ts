import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A block of code of docs/START.md whose first line names its file: `// apps/shipping/src/a.ts`. */
interface Block {
  kind: string;
  file: string;
  text: string;
}

const page = readFileSync(join(__dirname, '../../docs/START.md'), 'utf8');

export const blocks: readonly Block[] = [
  ...page.matchAll(/^```(ts|sql|diff)\n(?:\/\/|--|#) (\S+)\n([^]*?)^```/gm),
].map(([, kind = '', file = '', text = '']) => ({ kind, file, text }));

/** The commands under a heading, one block after the other. */
export function commandsUnder(heading: string): string {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^```bash\n([^]*?)^```/gm)].map(([, text]) => text).join('');
}

/** Of a checkout whose owner follows the page: what it shows may be there, or another by now. */
export function isFollowed(root: string): boolean {
  return existsSync(join(root, 'apps/shipping'));
}

/** Follows the page, as a reader types it. @throws where what it shows is not what is there */
export function follow(root: string): void {
  for (const { kind, file, text } of blocks) {
    const path = join(root, file);
    const there = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    const isShown = kind !== 'diff' && there !== undefined;
    if (isShown && there !== text) throw new Error(`START.md shows another ${file}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, kind === 'diff' ? changed(there ?? '', file, text) : text);
  }
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
    throw new Error(`START.md changes what is not in ${file}:\n${old}`);
  }, there);
}
