import { is, sql, type SQL } from 'drizzle-orm';
import { type PgDatabase, type PgQueryResultHKT, PgTransaction } from 'drizzle-orm/pg-core';
import { OrmDatabase } from './orm/orm-database';

/** What `db.transaction` of any schema hands out. */
type Handle = Pick<PgDatabase<PgQueryResultHKT>, 'execute'>;

interface Drizzle<H extends Handle> extends Handle {
  transaction<T>(work: (handle: H) => Promise<T>): Promise<T>;
}

/** A service's database by Drizzle, on PostgreSQL. */
export class DrizzleDatabase<H extends Handle> extends OrmDatabase<H> {
  constructor(db: Drizzle<H>) {
    super({
      transaction: async (work) => db.transaction(work),
      run: async ({ text }, values, handle) => {
        const result: unknown = await (handle ?? db).execute(bound(text, values));
        // node-postgres has the rows in the result, postgres.js is an array of them.
        return Array.isArray(result) ? (result as object[]) : (result as { rows: object[] }).rows;
      },
      isTransaction: (handle) => is(handle, PgTransaction),
    });
  }
}

// As parameters: a plain array in a template would become a list of them.
function bound(text: string, values: unknown[]): SQL {
  const parts = text.split(/\$(\d+)/).map((part, index) => {
    return index % 2 === 0 ? sql.raw(part) : sql`${sql.param(values[Number(part) - 1])}`;
  });
  return sql.join(parts);
}
