import { existsSync } from 'node:fs';
import { createDatabase, databaseUrl, migrate } from '@tradepost/database';
import { apps, type AppName } from '../../apps/services';

export interface MigrateOptions {
  /** Of a role that may create databases and roles. */
  adminUrl: string;
  /** Of the app's own role; unless given, one that is there keeps its own. */
  password?: string;
  log: (line: string) => void;
}

/**
 * Gives an app its database, which no other's role may enter, and brings it up to date. Reads the
 * migrations below the working directory.
 * @returns the url of the database, for the app's role
 */
export async function migrateApp(
  app: AppName,
  { adminUrl, password, log }: MigrateOptions,
): Promise<string> {
  const name = databaseOf(app);
  const names = { name, role: name, password };
  await createDatabase(adminUrl, names);
  const folders = [...apps[app].migrations];
  for (const folder of folders) {
    if (!existsSync(folder)) throw new Error(`${folder} is missing from ${process.cwd()}`);
  }
  const url = databaseUrl(adminUrl, { name });
  const applied = await migrate({ url, folders, grantTo: name });
  if (applied.length > 0) log(`${name}: ${applied.length} migrations`);
  return databaseUrl(adminUrl, names);
}

/** `log-sink` → `tradepost_log_sink`: the name of its database and of its role. */
function databaseOf(app: AppName): string {
  return `tradepost_${app.replaceAll('-', '_')}`;
}
