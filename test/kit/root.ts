import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository's folder, from the sources as well as from dist. */
export const root = findRoot(__dirname);

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package.json above ${__dirname}`);
  return findRoot(parent);
}
