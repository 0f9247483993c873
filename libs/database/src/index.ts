export { Db, type DbOptions } from './db';
export { migrate, type MigrateOptions } from './migrate';
export { migrationFolders } from './migration-folders';
export { createDatabase, databaseUrl, dropDatabase, type DatabaseNames } from './provision';
export type { Statement } from './statement';
export { Tx } from './tx';
