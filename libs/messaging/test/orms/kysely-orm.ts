import { KyselyDatabase } from '@tradepost/messaging/kysely';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool } from 'pg';
import type { TestOrm } from './orm';

interface Tables {
  effects: { note: string };
}

export async function openKysely(connectionString: string): Promise<TestOrm<Transaction<Tables>>> {
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString }) }),
  });
  return {
    database: new KyselyDatabase(db),
    own: async (work) => db.transaction().execute(work),
    insert: async (trx, note) => trx.insertInto('effects').values({ note }).execute(),
    raw: async (trx, text) => sql.raw(text).execute(trx),
    outside: db as unknown as Transaction<Tables>,
    close: async () => db.destroy(),
  };
}
