import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';

export interface TestDatabaseOptions {
  /** Of a role that may create databases; POSTGRES_URL, or the server on this machine. */
  postgresUrl?: string;
  /** SQL that runs after the package's own: the service's tables. */
  migrations?: string[];
}

/** A database of its own, with the tables of the outbox and the inbox in it. Needs `pg`. */
export class TestDatabase {
  private constructor(
    readonly url: string,
    private readonly name: string,
    private readonly adminUrl: string,
  ) {}

  /** @throws when the server cannot be reached, or an error of a migration: nothing is left then */
  static async create({
    postgresUrl = process.env.POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres',
    migrations = [],
  }: TestDatabaseOptions = {}): Promise<TestDatabase> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    const url = new URL(postgresUrl);
    url.pathname = `/${name}`;
    const database = new TestDatabase(url.href, name, postgresUrl);
    await onServer(postgresUrl, async (client) => client.query(`CREATE DATABASE ${name}`));
    try {
      const all = [...(await ownMigrations()), ...migrations];
      await onServer(url.href, async (client) => {
        for (const migration of all) await client.query(migration);
      });
      return database;
    } catch (error) {
      await database.drop();
      throw error;
    }
  }

  /** Whoever is connected to it loses that. */
  async drop(): Promise<void> {
    const { name } = this;
    await onServer(this.adminUrl, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    );
  }
}

/** In the order of their names. */
async function ownMigrations(): Promise<string[]> {
  // Of the source, or of what is built of it.
  const folders = ['../../migrations', '../../../migrations'].map((path) => join(__dirname, path));
  const folder = folders.find((path) => existsSync(path));
  if (folder === undefined) throw new Error(`There is none of ${folders.join(', ')}.`);
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(files.map(async (file) => readFile(join(folder, file), 'utf8')));
}

async function onServer(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  await work(client).finally(() => client.end());
}
