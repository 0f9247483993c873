import { execFile, type ExecFileException } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { onPath } from './rabbitmq-program';
import { Unavailable } from './types';

const updateMs = 180_000;
const installMs = 600_000;
const keptLines = 12;

// Asked by Debian's package scripts before they start a service; 101 means "do not".
const policyFile = '/usr/sbin/policy-rc.d';
const systemd = '/run/systemd/system';

interface InstallOptions {
  log: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Installs rabbitmq-server and leaves no service of the system running or enabled.
 * @throws Unavailable unless this is root on Debian or Ubuntu; the output of apt-get, when it fails
 */
export async function installRabbit({ log, signal }: InstallOptions): Promise<void> {
  if (process.getuid?.() !== 0) throw new Unavailable('not root');
  if (!existsSync('/etc/debian_version') || onPath('apt-get') === undefined) {
    throw new Unavailable('neither Debian nor Ubuntu');
  }
  log('installing rabbitmq-server with apt-get, as root (once; a minute or so)');
  await aptGet(['update'], updateMs, signal);
  const undo = await forbidServices();
  try {
    await aptGet(['install', '--no-install-recommends', 'rabbitmq-server'], installMs, signal);
  } finally {
    await undo();
  }
  if (existsSync(systemd)) await run('systemctl', ['disable', '--now', 'rabbitmq-server'], 30_000);
}

async function forbidServices(): Promise<() => Promise<void>> {
  if (existsSync(policyFile)) return async () => undefined;
  await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return () => rm(policyFile, { force: true });
}

function aptGet(args: string[], timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const options = ['-y', '-q', '-o', 'DPkg::Lock::Timeout=120'];
  return run('apt-get', [...options, ...args], timeoutMs, signal);
}

async function run(
  command: string,
  args: string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, timeout: timeoutMs, signal, maxBuffer: 64 * 1_024 * 1_024 };
  const ended = promisify(execFile)(command, args, options);
  ended.child.stdin?.end();
  await ended.catch((error: ExecFileException) => {
    const output = `${error.stdout}${error.stderr}`.trim().split('\n').slice(-keptLines).join('\n');
    const why = error.signal ?? error.code;
    throw new Error(`${command} ${args.join(' ')}: ${why}\n${output}`, { cause: error });
  });
}
