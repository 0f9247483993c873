import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { commandLineOf, endStale } from '../local/stale-processes';
import { readState, stateFile, type State } from '../../ops/shop/state';

/** It has the services' token. */
const mode = 0o600;

/** Makes this process the one start of this checkout. @throws when another one runs */
export async function claimState(): Promise<void> {
  await mkdir(dirname(stateFile), { recursive: true });
  const state = JSON.stringify({ pid: process.pid } satisfies State);
  try {
    await writeFile(stateFile, state, { flag: 'wx', mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await clearStale();
    await writeFile(stateFile, state, { flag: 'wx', mode });
  }
}

let written: Promise<void> = Promise.resolve();

/** One after the other: services that die together are started again, and noted, together. */
export function writeState(state: State): Promise<void> {
  written = written
    .catch(() => undefined)
    .then(async () => {
      await writeFile(`${stateFile}.new`, JSON.stringify(state, null, 2), { mode });
      await rename(`${stateFile}.new`, stateFile);
    });
  return written;
}

export async function removeState(): Promise<void> {
  await rm(stateFile, { force: true });
}

// Left by a start that was killed: its services may still run. The next start of a server ends the
// stale one itself.
async function clearStale(): Promise<void> {
  const { pid, services, gatewayPid, console: window } = (await readState()) ?? {};
  if (pid !== undefined && /start\.js/.test(await commandLineOf(pid))) {
    const at = services?.orders ? `, orders at ${services.orders.url}` : '';
    throw new Error(`Tradepost runs already (pid ${pid}${at}). Stop it first: kill ${pid}`);
  }
  const pids = Object.values(services ?? {}).map((service) => service.pid);
  if (gatewayPid !== undefined) pids.push(gatewayPid);
  if (window !== undefined) pids.push(window.pid);
  await endStale(pids, /held-service\.js/);
  await removeState();
}
