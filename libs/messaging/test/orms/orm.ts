import type { OrmDatabase } from '../../src/orm/orm-database';

/** An ORM on a bench's database, as a service would have it. */
export interface TestOrm<Handle extends object = object> {
  database: OrmDatabase<Handle>;
  /** A transaction that the service begins by the ORM itself. */
  own<T>(work: (handle: Handle) => Promise<T>): Promise<T>;
  /** A row of `effects` by the ORM's own means. */
  insert(handle: Handle, note: string): Promise<unknown>;
  /** Statements as they stand in a file. */
  raw(handle: Handle, text: string): Promise<unknown>;
  /** What looks like a handle, but is in no transaction. */
  outside: Handle;
  close(): Promise<void>;
}
