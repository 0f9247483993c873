import { sleep } from '../link';
import type { BrokerApi } from './broker-api';

export interface DoorOptions {
  api: BrokerApi;
  /** The connection that stays, by its name. */
  own: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/** The management API lists a connection at the latest so long after it was made. */
const listedWithinMs = 7_000;
const pollMs = 250;
const closeTimeoutMs = 60_000;

/**
 * Does `work` while nobody else is connected to the virtual host. A queue that is deleted under a
 * publisher takes messages with it that the broker has confirmed; there is no publisher then.
 * Clients lose their connection and cannot get another one until the end of `work`.
 * @throws when somebody cannot be closed out; the doors are open again then
 */
export async function withClosedDoors<T>(options: DoorOptions, work: () => Promise<T>): Promise<T> {
  const { api, say } = options;
  const startedMs = Date.now();
  await api.limitConnections(0);
  try {
    await emptyTheRoom(options);
    return await work();
  } finally {
    await api.limitConnections(undefined);
    say(`the virtual host was closed to others for ${Date.now() - startedMs} ms`);
  }
}

async function emptyTheRoom({ api, own, signal }: DoorOptions): Promise<void> {
  const closedMs = Date.now();
  for (;;) {
    signal.throwIfAborted();
    const others = (await api.connections()).filter(({ clientName }) => clientName !== own);
    await Promise.all(others.map(({ name }) => api.closeConnection(name)));
    const passedMs = Date.now() - closedMs;
    if (others.length === 0 && passedMs > listedWithinMs) return;
    if (passedMs > closeTimeoutMs) {
      const names = others.map(({ name, clientName }) => clientName ?? name).join(', ');
      throw new Error(`these do not leave the virtual host: ${names}`);
    }
    await sleep(pollMs, signal);
  }
}
