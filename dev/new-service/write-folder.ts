import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Names } from './command';

export interface NewService extends Names {
  port: number;
  colour: string;
}

const template = 'dev/new-service/template';
/** So that nothing takes the template for a service: `shipping.module.ts.txt`. */
const suffix = '.txt';
const templatePort = '3007';

/** @returns the files that it has written, relative to `root` */
export async function writeFolder(root: string, service: NewService): Promise<string[]> {
  const folder = join(root, template);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async (entry) => {
      const from = join(entry.parentPath ?? entry.path, entry.name);
      const path = relative(folder, from).slice(0, -suffix.length);
      const file = join('apps', service.name, renamed(path, service));
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), renamed(await readFile(from, 'utf8'), service));
      return file;
    }),
  );
}

/** The template is the service `shipping`, which keeps parcels. */
function renamed(text: string, { name, keeps, port }: NewService): string {
  const words: Record<string, string> = {
    shipping: name,
    Shipping: classNameOf(name),
    parcels: pluralOf(keeps),
    Parcels: classNameOf(pluralOf(keeps)),
    parcel: keeps,
    Parcel: classNameOf(keeps),
    [templatePort]: String(port),
  };
  return text.replace(/[Ss]hipping|[Pp]arcels?|3007/g, (word) => words[word] ?? word);
}

export function classNameOf(name: string): string {
  return name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}
