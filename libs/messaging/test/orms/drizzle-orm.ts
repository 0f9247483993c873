import { DrizzleDatabase } from '@tradepost/messaging/drizzle';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text as textColumn } from 'drizzle-orm/pg-core';
import { Pool } from 'pg';
import type { TestOrm } from './orm';

const effects = pgTable('effects', { note: textColumn().notNull() });
const schema = { effects };

export async function openDrizzle(connectionString: string) {
  const pool = new Pool({ connectionString });
  const db = drizzle(pool, { schema });
  type Tx = Parameters<Parameters<typeof db.transaction>[0]>[0];
  const orm: TestOrm<Tx> = {
    database: new DrizzleDatabase(db),
    own: async (work) => db.transaction(work),
    insert: async (tx, note) => tx.insert(effects).values({ note }),
    raw: async (tx, text) => tx.execute(text),
    outside: db as unknown as Tx,
    close: async () => pool.end(),
  };
  return orm;
}
