// `node dist/ops/migrate.js`: makes and migrates the database of every app. POSTGRES_URL is the
// server's, for a role that may create databases and roles; POSTGRES_SERVICE_PASSWORD is what the
// apps' own roles log in with.
import { appNames, apps } from '../apps/services';
import { migrateApp } from './migrate/migrate-app';
import { runCommand } from './shop/run-command';

async function main(): Promise<void> {
  const { POSTGRES_URL: adminUrl, POSTGRES_SERVICE_PASSWORD: password } = process.env;
  if (!adminUrl) throw new Error('POSTGRES_URL is not set: postgres://user:password@host:5432/db');
  const options = { adminUrl, password: password || 'tradepost', log: console.log };
  const stored = appNames.filter((app) => apps[app].migrations.length > 0);
  await Promise.all(stored.map((app) => migrateApp(app, options)));
  console.log('Every database is up to date.');
}

runCommand(main);
