import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
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

function run(
  command: string,
  args: string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const child = spawn(command, args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = `${output}${chunk.toString()}`.split('\n').slice(-keptLines).join('\n');
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')}: ${killedBy ?? code}\n${output.trim()}`));
    });
  });
}
