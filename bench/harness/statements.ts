import type { Db } from '@tradepost/database';
import { createDb, type Servers } from './servers';

const library = 'pg_stat_statements';

/**
 * Has PostgreSQL count statements, as most providers have it by default; it costs every system
 * alike. Where it has no such library, statements stay uncounted.
 */
export async function countStatements({ database }: Servers): Promise<void> {
  const available = {
    name: 'available',
    text: 'SELECT FROM pg_available_extensions WHERE name = $1',
  };
  await withAdmin(database.url, async (db) => {
    if ((await db.query(available, [library])).length === 0) return;
    await db.query({ name: '', text: `ALTER SYSTEM SET shared_preload_libraries = ${library}` });
    await database.halt();
    await database.resume();
    await db.query({ name: '', text: `CREATE EXTENSION ${library}` });
  });
}

/** Statements that the databases have run so far; undefined where they are not counted. */
export async function statementsIn(
  { database }: Servers,
  names: readonly string[],
): Promise<number | undefined> {
  const text = `SELECT coalesce(sum(calls), 0)::int8 AS calls
    FROM ${library} JOIN pg_database ON oid = dbid WHERE datname = ANY($1)`;
  return withAdmin(database.url, async (db) => {
    const asked = db.query<{ calls: number }>({ name: 'calls', text }, [names]);
    const rows = await asked.catch(() => []);
    return rows[0]?.calls;
  });
}

async function withAdmin<T>(url: string, work: (db: Db) => Promise<T>): Promise<T> {
  const db = createDb(url);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
