import { asError } from '../errors';
import { sleep } from '../link';
import type { BrokerApi } from './broker-api';
import { Doorkeeper } from './doorkeeper';

export interface DoorOptions {
  api: BrokerApi;
  /** The connection that stays, by what its client calls itself. */
  own: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** The broker's statistics have a connection at the latest so long after it was made. */
const listedWithinMs = 10_000;
const pollMs = 100;
/** One that was let in just before is in the broker's books by then. */
const quietMs = 300;
const emptyWithinMs = 30_000;

/**
 * Does `work` while nobody else is connected to the virtual host: a publisher could be told that
 * a message is safe which went down with the queue that is deleted.
 * Clients lose their connection and cannot get another one until the end of `work`, or until this
 * process ends, however it ends.
 * @throws when somebody cannot be closed out; the doors are open again then
 */
export async function withClosedDoors<T>(options: DoorOptions, work: () => Promise<T>): Promise<T> {
  const { api, say } = options;
  const ownName = await untilListed(options);
  const keeper = await Doorkeeper.hire(api.liftingLimit);
  const startedMs = Date.now();
  try {
    await api.limitConnections(0);
    await emptyTheRoom(options, ownName);
    return await work();
  } finally {
    try {
      await api.limitConnections(undefined);
      say(`the virtual host was closed to others for ${Date.now() - startedMs} ms`);
      keeper.dismiss();
    } catch (error) {
      say(`the virtual host is still closed (${asError(error).message}); opening it is tried on`);
      keeper.takeOver();
    }
  }
}

// A connection can be closed when the statistics have it: that is waited for with open doors.
async function untilListed({ api, own, signal }: DoorOptions): Promise<string> {
  const deadline = Date.now() + listedWithinMs;
  for (;;) {
    signal.throwIfAborted();
    const [names, listed] = await Promise.all([api.connectionNames(), api.connections()]);
    const mine = listed.find(({ clientName }) => clientName === own);
    const isListed = (name: string) => listed.some((one) => one.name === name);
    const isLate = Date.now() > deadline;
    if (mine !== undefined && (isLate || names.every(isListed))) return mine.name;
    if (isLate) throw new Error(`the management API does not list the connection "${own}"`);
    await sleep(pollMs, signal);
  }
}

async function emptyTheRoom({ api, signal }: DoorOptions, ownName: string): Promise<void> {
  const closedMs = Date.now();
  let emptySinceMs: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const others = (await api.connectionNames()).filter((name) => name !== ownName);
    const nowMs = Date.now();
    if (others.length > 0) emptySinceMs = undefined;
    else emptySinceMs ??= nowMs;
    if (emptySinceMs !== undefined && nowMs - emptySinceMs >= quietMs) return;
    if (nowMs - closedMs > emptyWithinMs) {
      throw new Error(`these do not leave the virtual host: ${others.join(', ')}`);
    }
    await Promise.all(others.map((name) => api.closeConnection(name)));
    await sleep(pollMs, signal);
  }
}
