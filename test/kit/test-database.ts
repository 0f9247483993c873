import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createDatabase, databaseUrl, Db, dropDatabase, migrate } from '@tradepost/database';
import { apps, type AppName } from '../../apps/services';
import { environment } from './environment';
import { root } from './root';

export interface TestDatabase {
  /** Of the role that owns everything in it. */
  url: string;
  /** Of a role with a service's rights, as in production: its rows and nothing else. */
  serviceUrl: string;
  drop(): Promise<void>;
}

/** A fresh database. @param more further folders of migrations, relative to the repository */
export async function createTestDatabase(
  service?: string,
  adminUrl = environment().postgresUrl,
  more: string[] = [],
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const names = { name, role: name, password: name };
  await createDatabase(adminUrl, names);
  const url = databaseUrl(adminUrl, { name });
  const folders = [...migrationsOf(service), ...more].map((folder) => join(root, folder));
  await migrate({ url, folders, grantTo: name });
  const drop = async () => {
    await dropDatabase(adminUrl, name);
    const admin = new Db({ url: adminUrl, poolMax: 1 });
    const dropRole = { name: `drop-${name}`, text: `DROP ROLE IF EXISTS ${name}` };
    await admin.query(dropRole).finally(() => admin.close());
  };
  return { url, serviceUrl: databaseUrl(adminUrl, names), drop };
}

function migrationsOf(service = ''): readonly string[] {
  if (service in apps) return apps[service as AppName].migrations;
  return ['libs/messaging/migrations'];
}
