/** A statement with a name is planned once a connection and then only bound and run. */
export interface Statement {
  name: string;
  text: string;
}

/** A running transaction of the service's own database: what `send` and `once` write in. */
export interface Transaction {
  query<Row extends object>(statement: Statement, values?: unknown[]): Promise<Row[]>;
  /**
   * For a statement whose answer says nothing. The commit waits for it, and throws its error; where
   * the commit is out of sight, the promise that comes back does.
   */
  write(statement: Statement, values?: unknown[]): void | Promise<void>;
  /** After the commit, the `onCommit` listeners of this topic are called, with these items. */
  note(topic: string, ...items: unknown[]): void;
}

/** What the outbox and the inbox need of a service's database (PostgreSQL). */
export interface Database {
  /** Committed when `work` resolves, rolled back when it throws. It may run `work` again then. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  query<Row extends object>(statement: Statement, values?: unknown[]): Promise<Row[]>;
  /** Calls `listener` with what a transaction noted under the topic, after its commit. */
  onCommit<Item>(topic: string, listener: (items: Item[]) => void): void;
}

/** Injects the service's `Database`; undefined in a service without one. */
export const serviceDatabase = Symbol('messaging:database');
