import { createDatabase, databaseUrl, dropDatabase, migrate } from '@tradepost/database';
import type { Servers } from './servers';

export interface OwnDatabase {
  /** Of the role that owns all that is in it. */
  url: string;
  /** Of a role with the rights of a service. */
  serviceUrl: string;
  drop(): Promise<void>;
}

/** @param folders its migrations, relative to the repository */
export async function createOwnDatabase(
  { database: { url: adminUrl } }: Servers,
  name: string,
  folders: readonly string[],
): Promise<OwnDatabase> {
  const names = { name, role: name, password: name };
  await createDatabase(adminUrl, names);
  const url = databaseUrl(adminUrl, { name });
  await migrate({ url, folders: [...folders], grantTo: name });
  return {
    url,
    serviceUrl: databaseUrl(adminUrl, names),
    drop: () => dropDatabase(adminUrl, name),
  };
}
