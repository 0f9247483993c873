import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { GeneratedDocument } from './documents';

/** Of one state of the code, by their path in docs/: `asyncapi.json`, `openapi/orders.json`. */
export type Documents = Readonly<Record<string, object>>;

export interface Release {
  version: string;
  documents: Documents;
}

const semver = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** Those whose replicas may run, or whose bodies may wait; oldest first. */
export async function releasesIn(folder: string): Promise<Release[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const versions = names.filter((name) => semver.test(name)).sort(byVersion);
  return Promise.all(
    versions.map(async (version) => {
      return { version, documents: await documentsIn(join(folder, version)) };
    }),
  );
}

async function documentsIn(folder: string): Promise<Documents> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((one) => one.isFile() && one.name.endsWith('.json'));
  const read = files.map(async ({ parentPath, path, name }): Promise<[string, object]> => {
    const file = join(parentPath ?? path, name);
    const text = await readFile(file, 'utf8');
    return [relative(folder, file).replaceAll('\\', '/'), JSON.parse(text) as object];
  });
  return Object.fromEntries(await Promise.all(read));
}

function byVersion(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  return [0, 1, 2].map((at) => (a?.[at] ?? 0) - (b?.[at] ?? 0)).find((less) => less !== 0) ?? 0;
}

/** @returns what is wrong with a version as the next; undefined: nothing */
export function problemWith(version: string, releases: readonly Release[]): string | undefined {
  if (!semver.test(version)) return `"${version}" is no version such as 1.2.0`;
  const last = releases.at(-1)?.version;
  if (last === undefined || byVersion(last, version) < 0) return undefined;
  if (releases.some((one) => one.version === version)) return `${version} is there already`;
  return `${version} does not come after ${last}`;
}

/** Of what is in docs/, as it is there. */
export async function writeRelease(
  folder: string,
  version: string,
  documents: readonly GeneratedDocument[],
): Promise<void> {
  for (const { file, text } of documents) {
    const copy = join(folder, version, relative('docs', file));
    await mkdir(dirname(copy), { recursive: true });
    await writeFile(copy, text);
  }
}

/** A break that is meant: its whole sentence, and why it is right. */
export interface Accepted {
  break: string;
  because: string;
}

export async function acceptedIn(folder: string): Promise<Accepted[]> {
  const file = join(folder, 'accepted.json');
  if (!existsSync(file)) return [];
  const accepted = JSON.parse(await readFile(file, 'utf8')) as Partial<Accepted>[];
  return accepted.map(({ break: sentence = '', because = '' }) => {
    if (sentence !== '' && because !== '') return { break: sentence, because };
    throw new Error(`${file}: each entry has a "break", its sentence, and a "because"`);
  });
}
