import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../dev/local/ports';
import { onPath } from '../../dev/local/rabbitmq-program';
import { eventually } from '@tradepost/messaging/testing';
import { connect } from 'node:net';

const program = onPath('pgbouncer');
export const hasPgBouncer = program !== undefined;

export interface PgBouncer {
  /** Of the database, for the same role, through it. */
  url: string;
  stop(): Promise<void>;
}

/**
 * A PgBouncer in transaction mode: two sessions for any number of clients.
 * @param databaseUrl with role and password
 * @param settings lines of its section `pgbouncer`
 */
export async function startPgBouncer(
  databaseUrl: string,
  settings: string[] = [],
): Promise<PgBouncer> {
  const target = new URL(databaseUrl);
  const [port] = await freePorts([undefined]);
  const folder = await mkdtemp(join(tmpdir(), 'tradepost-pgbouncer-'));
  await chmod(folder, 0o755);
  const file = join(folder, 'pgbouncer.ini');
  const users = join(folder, 'users.txt');
  await writeFile(users, `"${target.username}" "${target.password}"\n`);
  const lines = [
    '[databases]',
    `* = host=${target.hostname} port=${target.port}`,
    '[pgbouncer]',
    ...['listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir ='],
    ...['auth_type = plain', `auth_file = ${users}`],
    ...['pool_mode = transaction', 'default_pool_size = 2', 'max_client_conn = 200'],
    ...settings,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  // It does not run as root.
  const as = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(program ?? 'pgbouncer', [...as, file], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await eventually(async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
  });
  target.port = String(port);
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  };
  return { url: target.href, stop };
}
