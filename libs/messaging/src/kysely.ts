import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import { OrmDatabase } from './orm/orm-database';

/** A service's database by Kysely, on PostgreSQL. */
export class KyselyDatabase<DB> extends OrmDatabase<Transaction<DB>> {
  constructor(db: Kysely<DB>) {
    super({
      transaction: async (work) => db.transaction().execute(work),
      run: async ({ text }, values, handle) => {
        const { rows } = await (handle ?? db).executeQuery<object>(CompiledQuery.raw(text, values));
        return rows;
      },
      isTransaction: (handle) => handle.isTransaction,
    });
  }
}
