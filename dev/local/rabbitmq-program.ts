import { existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { Unavailable } from './types';

export interface RabbitProgram {
  /** The script that starts a node. */
  server: string;
  /** The daemon through which Erlang nodes find each other. */
  epmd: string;
}

// Where packages put servers; not every PATH has these folders.
const furtherFolders = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin', '/opt/homebrew/bin'];

// Debian's and Red Hat's `rabbitmq-server` is a wrapper that changes to the user `rabbitmq`; this
// is the server's own script, which runs as its caller.
const unwrapped = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** @throws Unavailable when there is no rabbitmq-server, or no Erlang beside it */
export async function findRabbit(): Promise<RabbitProgram> {
  const found = onPath('rabbitmq-server');
  if (found === undefined) throw new Unavailable('no rabbitmq-server on PATH');
  const isWrapper = found.startsWith('/usr/') && !found.startsWith('/usr/local/');
  const epmd = onPath('epmd') ?? (await epmdOfErlang());
  if (epmd === undefined) throw new Unavailable(`${found} is there, but no epmd (Erlang)`);
  return { server: isWrapper && existsSync(unwrapped) ? unwrapped : found, epmd };
}

/** The file that a shell would run. */
export function onPath(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...furtherFolders];
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}

async function epmdOfErlang(): Promise<string | undefined> {
  const erl = onPath('erl');
  if (erl === undefined) return undefined;
  const bin = dirname(realpathSync(erl));
  const runtimes = (await readdir(dirname(bin))).filter((name) => name.startsWith('erts-'));
  return [bin, ...runtimes.map((name) => join(dirname(bin), name, 'bin'))]
    .map((folder) => join(folder, 'epmd'))
    .find((file) => existsSync(file));
}
