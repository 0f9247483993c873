import { readVariable } from '@tradepost/service';
import { appNames, apps } from '../apps/services';
import { migrateApp } from './migrate/migrate-app';
import { readArguments } from './shop/arguments';
import { runCommand } from './shop/run-command';

const usage = `Usage: npm run migrate, or node dist/ops/migrate.js
Makes and migrates the database of every app. Takes no options, but variables, or what is in the
files POSTGRES_URL_FILE and POSTGRES_SERVICE_PASSWORD_FILE:
  POSTGRES_URL                the server's, of a role that may create databases and roles
  POSTGRES_SERVICE_PASSWORD   what the apps' own roles log in with, all of them; unless set, those
                              that are there keep their own, and new ones have none yet
Example: POSTGRES_URL=postgres://admin:secret@db:5432/postgres node dist/ops/migrate.js`;

async function main(): Promise<void> {
  readArguments({});
  const given = (name: string) => readVariable(process.env, name).text;
  const adminUrl = given('POSTGRES_URL');
  if (!adminUrl) {
    throw new Error('POSTGRES_URL is not set: postgres://user:password@host:5432/db');
  }
  const options = {
    adminUrl,
    password: given('POSTGRES_SERVICE_PASSWORD') || undefined,
    log: console.log,
  };
  const stored = appNames.filter((app) => apps[app].migrations.length > 0);
  await Promise.all(stored.map((app) => migrateApp(app, options)));
  console.log('Every database is up to date.');
}

runCommand(usage, main);
