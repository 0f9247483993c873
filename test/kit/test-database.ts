import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, databaseUrl, Db, dropDatabase, migrate } from '@tradepost/database';
import { migrationFolders } from '../../apps/services';
import { environment } from './environment';
import { root } from './root';

export interface TestDatabase {
  /** Of the role that owns everything in it. */
  url: string;
  /** Of a role with a service's rights, as in production: its rows and nothing else. */
  serviceUrl: string;
  drop(): Promise<void>;
}

/**
 * A fresh database with the messaging tables and, of a service, its own.
 * @param more further folders of migrations, relative to the repository
 */
export async function createTestDatabase(
  service?: string,
  adminUrl = environment().postgresUrl,
  more: string[] = [],
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const names = { name, role: name, password: name };
  await createDatabase(adminUrl, names);
  const url = databaseUrl(adminUrl, { name });
  const own = service === undefined ? ['libs/messaging/migrations'] : migrationFolders(service);
  const folders = [...own, ...more].map((folder) => join(root, folder));
  await migrate({ url, folders: folders.filter((folder) => existsSync(folder)), grantTo: name });
  const drop = async () => {
    await dropDatabase(adminUrl, name);
    await dropRole(adminUrl, name);
  };
  return { url, serviceUrl: databaseUrl(adminUrl, names), drop };
}

async function dropRole(adminUrl: string, role: string): Promise<void> {
  const admin = new Db({ url: adminUrl, poolMax: 1 });
  try {
    await admin.query({ name: `drop-${role}`, text: `DROP ROLE IF EXISTS ${role}` });
  } finally {
    await admin.close();
  }
}
