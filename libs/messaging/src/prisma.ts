import { OrmDatabase } from './orm/orm-database';

/** What a generated client has, wherever it was generated to; and the client of a transaction. */
interface Handle {
  $queryRawUnsafe<T>(query: string, ...values: unknown[]): Promise<T>;
}

interface Prisma<H extends Handle> extends Handle {
  $transaction<T>(
    work: (handle: H) => Promise<T>,
    options: { maxWait: number; timeout: number },
  ): Promise<T>;
}

/** Prisma's 5 s are less than the relay may wait for the broker's confirms. */
const limits = { maxWait: 5_000, timeout: 30_000 };

/** A service's database by Prisma, on PostgreSQL. */
export class PrismaDatabase<H extends Handle> extends OrmDatabase<H> {
  constructor(client: Prisma<H>) {
    super({
      transaction: async (work) => client.$transaction(work, limits),
      run: async ({ text }, values, handle) =>
        (handle ?? client).$queryRawUnsafe<object[]>(text, ...values),
      // What a transaction hands out has lost the means to connect.
      isTransaction: (handle) => !('$connect' in handle) || handle.$connect === undefined,
    });
  }
}
