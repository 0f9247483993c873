// Makes and migrates every service's database, and the sandbox gateway's: POSTGRES_URL is the
// server's, for a role that may create databases and roles; POSTGRES_SERVICE_PASSWORD what the
// services' own roles log in with.
import { gateway, migrateApp, migrateServices } from './migrate-services';

async function main(): Promise<void> {
  const { POSTGRES_URL: adminUrl, POSTGRES_SERVICE_PASSWORD: password } = process.env;
  if (!adminUrl) throw new Error('POSTGRES_URL is not set: postgres://user:password@host:5432/db');
  const options = { adminUrl, password: password || 'tradepost', log: console.log };
  await Promise.all([migrateServices(options), migrateApp(gateway, options)]);
  console.log('Every database is up to date.');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
