import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { withDatabase } from './postgres-url';
import { withConnection } from './connection';

export interface DatabaseNames {
  name: string;
  /** Made when it is missing. It may enter the database, but owns nothing in it: see `migrate`. */
  role?: string;
  /** Of `role`. Without one a role that is there keeps its own, and a new one has none yet. */
  password?: string;
}

/** Texts sort by their code points: not by what the server, or its system, has in its release. */
const locale = `TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'`;

/**
 * Makes a database, and its role, unless they exist.
 * @param adminUrl of a role that may create databases and roles
 */
export async function createDatabase(
  adminUrl: string,
  { name, role, password }: DatabaseNames,
): Promise<void> {
  await withConnection(adminUrl, async (admin) => {
    if (role !== undefined) await ensureRole(admin, role, password);
    const database = escapeIdentifier(name);
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await admin.query(`CREATE DATABASE ${database} ${locale}`);
    if (role === undefined) return;
    // Each service's database is its own: PUBLIC may connect to a new one otherwise.
    await admin.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
    await admin.query(
      `GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO ${escapeIdentifier(role)}`,
    );
  });
}

/** The url of a database on the same server: for the same role, or for the given one. */
export function databaseUrl(serverUrl: string, { name, role, password }: DatabaseNames): string {
  return withDatabase(
    serverUrl,
    name,
    role === undefined ? undefined : { role, password: password ?? '' },
  );
}

/** Drops a database, ending whatever is connected to it; one that is missing is fine. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await withConnection(adminUrl, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
  });
}

async function ensureRole(admin: Client, role: string, password?: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const name = escapeIdentifier(role);
  // One that may not log in any more stays so: another has taken its place.
  if (rowCount === 0) await admin.query(`CREATE ROLE ${name} LOGIN`);
  if (password === undefined) return;
  await admin.query(`ALTER ROLE ${name} PASSWORD ${escapeLiteral(password)}`);
}
