export { Db, type DbOptions, type Statement } from './db';
export { migrate, type MigrateOptions } from './migrate';
export { createDatabase, databaseUrl, dropDatabase, type DatabaseNames } from './provision';
export { Tx } from './tx';
