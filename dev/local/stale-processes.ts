import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { eventually } from '@tradepost/messaging/testing';

const endMs = 5_000;

/**
 * Ends the servers that a start which was itself killed has left behind.
 * @param looksLike what a process's command line must match, since pids are used again
 */
export async function endStale(pids: number[], looksLike: RegExp): Promise<void> {
  for (const pid of pids) {
    if (looksLike.test(await commandLineOf(pid))) await end(pid);
  }
}

/** The pids in a file, one a line; none when it is missing. */
export async function readPids(file: string): Promise<number[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => /^[1-9]\d*$/.test(line.trim()))
    .map(Number);
}

/** The command line of a process; empty when it runs no more (or there is no way to ask). */
export async function commandLineOf(pid: number): Promise<string> {
  const asked = promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]);
  const command = await asked.then(({ stdout }) => stdout.trim()).catch(() => '');
  return command.endsWith('<defunct>') ? '' : command;
}

async function end(pid: number): Promise<void> {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // No such group, or no such process any more.
    }
  }
  const gone = async () => {
    if ((await commandLineOf(pid)) !== '') throw new Error(`process ${pid} is still there`);
  };
  await eventually(gone, {
    what: `ending the stale process ${pid}`,
    withinMs: endMs,
    everyMs: 100,
  });
}
