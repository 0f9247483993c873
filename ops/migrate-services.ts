// Part of the production image: imports nothing that only development installs.
import { existsSync } from 'node:fs';
import { createDatabase, databaseUrl, migrate } from '@tradepost/database';
import { migrationFolders, services, type Service } from '../apps/services';

export { services, type Service };

/** No part of the shop, but run beside it: the payment provider's side. */
export const gateway = 'sandbox-gateway';

export type App = Service | typeof gateway;

export interface MigrateServicesOptions {
  /** Of a role that may create databases and roles. */
  adminUrl: string;
  /** Of each service's own role. */
  password: string;
  log: (line: string) => void;
}

/**
 * Gives each service its database, which no other's role may enter, and brings it up to date.
 * Reads the migrations below the working directory.
 * @returns the url of each service's database, for its role
 */
export async function migrateServices(
  options: MigrateServicesOptions,
): Promise<Record<Service, string>> {
  const migrated = services.map(async (service) => {
    return [service, await migrateApp(service, options)] as const;
  });
  return Object.fromEntries(await Promise.all(migrated)) as Record<Service, string>;
}

/** The same for one app. @returns the url of its database, for its role */
export async function migrateApp(
  app: App,
  { adminUrl, password, log }: MigrateServicesOptions,
): Promise<string> {
  const name = databaseOf(app);
  const names = { name, role: name, password };
  await createDatabase(adminUrl, names);
  const folders = migrationFolders(app);
  for (const folder of folders) {
    if (!existsSync(folder)) throw new Error(`${folder} is missing from ${process.cwd()}`);
  }
  const url = databaseUrl(adminUrl, { name });
  const applied = await migrate({ url, folders, grantTo: name });
  if (applied.length > 0) log(`${name}: ${applied.length} migrations`);
  return databaseUrl(adminUrl, names);
}

/** `log-sink` → `tradepost_log_sink`: the name of its database and of its role. */
export function databaseOf(app: App): string {
  return `tradepost_${app.replaceAll('-', '_')}`;
}
