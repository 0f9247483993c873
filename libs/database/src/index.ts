export { Db, type DbOptions } from './db';
export { DatabaseUnavailable, isUnstorableText } from './errors';
export { GroupCommit, type WriteEach } from './group-commit';
export { lockIds } from './lock-ids';
export { migrate, type MigrateOptions } from './migrate';
export { keepPartitions } from './partitions';
export { createDatabase, databaseUrl, dropDatabase, type DatabaseNames } from './provision';
export type { Statement } from './statement';
export { Tx } from './tx';
