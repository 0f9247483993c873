import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabase, databaseUrl, dropDatabase, migrate } from '@tradepost/database';
import { environment } from './environment';
import { root } from './root';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A fresh database with the messaging tables and, of a service, its own. */
export async function createTestDatabase(
  service?: string,
  adminUrl = environment().postgresUrl,
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await createDatabase(adminUrl, { name });
  const url = databaseUrl(adminUrl, { name });
  const folders = [join(root, 'libs/messaging/migrations')];
  if (service !== undefined) folders.push(join(root, 'apps', service, 'migrations'));
  await migrate({ url, folders: folders.filter((folder) => existsSync(folder)) });
  return { url, drop: () => dropDatabase(adminUrl, name) };
}
