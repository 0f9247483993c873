import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { OrmDatabase } from './orm/orm-database';
import type { Statement } from './outbox/database';

/** A service's database by TypeORM, on PostgreSQL. */
export class TypeOrmDatabase extends OrmDatabase<EntityManager> {
  constructor(dataSource: DataSource) {
    super({
      transaction: async (work) => dataSource.transaction(work),
      run: async (statement, values, { queryRunner } = dataSource.manager) => {
        if (queryRunner !== undefined) return rowsOf(queryRunner, statement, values);
        const own = dataSource.createQueryRunner();
        try {
          return await rowsOf(own, statement, values);
        } finally {
          await own.release();
        }
      },
      isTransaction: ({ queryRunner }) => queryRunner?.isTransactionActive === true,
    });
  }
}

async function rowsOf(
  runner: QueryRunner,
  { text }: Statement,
  values: unknown[],
): Promise<object[]> {
  const { records } = await runner.query(text, values, true);
  return records as object[];
}
