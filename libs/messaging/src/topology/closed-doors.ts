import { asError } from '../errors';
import { sleep } from '../time';
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

/** The way into a virtual host, which can be closed to all others for a moment. */
export class Doors {
  private constructor(
    private readonly options: DoorOptions,
    private readonly ownName: string,
  ) {}

  /**
   * Waits until the broker's statistics have every connection that there is, seconds after it was
   * made: one that they do not have cannot be closed, and doors that are closed must not wait.
   */
  static async approach(options: DoorOptions): Promise<Doors> {
    const { api, own, signal } = options;
    const deadline = Date.now() + listedWithinMs;
    for (;;) {
      signal.throwIfAborted();
      const [names, listed] = await Promise.all([api.connectionNames(), api.connections()]);
      const mine = listed.find(({ clientName }) => clientName === own);
      const isListed = (name: string) => listed.some((one) => one.name === name);
      const isLate = Date.now() > deadline;
      if (mine && (isLate || names.every(isListed))) return new Doors(options, mine.name);
      if (isLate) throw new Error(`the management API does not list the connection "${own}"`);
      await sleep(pollMs, signal);
    }
  }

  /**
   * Does `work` while nobody else is connected: of what is in flight to a queue that is deleted,
   * the broker confirms some that is in neither the old queue nor the new one (seen on 3.10 and
   * 4.3: up to all of 200). Clients lose their connection and cannot get another one until the end
   * of `work`, or of this process, however it ends.
   * @throws when somebody cannot be closed out; the doors are open again then
   */
  async closedDuring<T>(work: () => Promise<T>): Promise<T> {
    const { api, say } = this.options;
    const keeper = await Doorkeeper.hire(api.liftingLimit);
    const startedMs = Date.now();
    try {
      await api.limitConnections(0);
      await emptyTheRoom(this.options, this.ownName);
      return await work();
    } finally {
      try {
        await api.limitConnections(undefined);
        say(`the virtual host was closed to others for ${Date.now() - startedMs} ms`);
        keeper.dismiss();
      } catch (error) {
        say(`could not open the virtual host, still trying: ${asError(error).message}`);
        keeper.takeOver();
      }
    }
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
