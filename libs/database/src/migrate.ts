import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Client, escapeIdentifier } from 'pg';
import { withConnection } from './connection';

/** One number for all: a second migration of this database waits for the first. */
const migrationLock = 7_317_040;

export interface MigrateOptions {
  url: string;
  /** Folders of numbered `.sql` files, applied folder by folder, in the order of their names. */
  folders: string[];
  /**
   * The service's role: may read and write every row, and change nothing else. What a trigger or a
   * constraint forbids stays forbidden to it, because it cannot take them away.
   */
  grantTo?: string;
  log?: (line: string) => void;
}

/**
 * Applies every migration that this database has not seen, each in a transaction of its own.
 * Safe to run from many processes at once.
 * @returns the names of those applied
 * @throws the first migration's error, naming its file; those before it stay applied
 */
export async function migrate({ url, folders, grantTo, log }: MigrateOptions): Promise<string[]> {
  return withConnection(url, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await client.query(
      `CREATE TABLE IF NOT EXISTS migrations (
         name text PRIMARY KEY,
         applied_at timestamptz NOT NULL DEFAULT now()
       )`,
    );
    const applied: string[] = [];
    for (const folder of folders) applied.push(...(await migrateFolder(client, folder, log)));
    if (grantTo !== undefined) await grantRows(client, grantTo);
    return applied;
  });
}

async function migrateFolder(
  client: Client,
  folder: string,
  log?: (line: string) => void,
): Promise<string[]> {
  // Loaded when it is needed: every service loads this library, and none migrates.
  const { Umzug } = await import('umzug');
  const owner = basename(dirname(folder));
  const umzug = new Umzug({
    migrations: {
      glob: ['*.sql', { cwd: folder }],
      resolve: ({ name, path }) => ({
        name: `${owner}/${name}`,
        up: async () => runFile(client, path ?? join(folder, name)),
      }),
    },
    context: client,
    storage: {
      logMigration: async ({ name }) => {
        await client.query('INSERT INTO migrations (name) VALUES ($1)', [name]);
        await client.query('COMMIT');
        log?.(`applied ${name}`);
      },
      unlogMigration: async ({ name }) => {
        await client.query('DELETE FROM migrations WHERE name = $1', [name]);
      },
      executed: async () => {
        const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations');
        return rows.map((row) => row.name);
      },
    },
    logger: undefined,
  });
  const done = await umzug.up();
  return done.map(({ name }) => name);
}

// The transaction opened here is committed by logMigration, so that a migration and the record of
// it stand or fall together.
async function runFile(client: Client, path: string): Promise<void> {
  const sql = await readFile(path, 'utf8');
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  await client.query(sql);
}

async function grantRows(client: Client, role: string): Promise<void> {
  const to = escapeIdentifier(role);
  await client.query(
    `GRANT USAGE ON SCHEMA public TO ${to};
     GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${to};
     GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${to}`,
  );
}
