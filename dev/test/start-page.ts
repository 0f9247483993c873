import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apply, blocksIn } from './page-blocks';

const page = readFileSync(join(__dirname, '../../docs/START.md'), 'utf8');

export const blocks = blocksIn(page);

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
  for (const block of blocks) apply(root, block);
}
