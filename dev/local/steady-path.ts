import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A path to this folder that stays when the folder is renamed, and that a shell reads as it stands.
 * A RabbitMQ node needs both: it keeps absolute paths in its data, and hands one to `df` unquoted.
 */
export async function steadyPath(folder: string): Promise<string> {
  const note = join(folder, 'path');
  const noted = await readFile(note, 'utf8').catch(() => undefined);
  if (noted !== undefined && (await leadsTo(noted, folder))) return noted;
  const path = join(await mkdtemp(join(tmpdir(), 'tradepost-path-')), 'rabbitmq');
  await symlink(folder, path);
  await writeFile(note, path);
  return path;
}

/** Takes the link away that `steadyPath` has made. */
export async function forgetPath(folder: string): Promise<void> {
  const noted = await readFile(join(folder, 'path'), 'utf8').catch(() => undefined);
  if (noted === undefined) return;
  const target = await readlink(noted).catch(() => undefined);
  if (target === folder) await rm(dirname(noted), { recursive: true, force: true });
}

/** Makes the link again when it has gone, or led to where the folder was before it was moved. */
async function leadsTo(path: string, folder: string): Promise<boolean> {
  const target = await readlink(path).catch(() => undefined);
  if (target === folder) return true;
  // The folder is a copy: its original uses the path.
  if (target !== undefined && existsSync(target)) return false;
  await rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await symlink(folder, path);
  return true;
}
