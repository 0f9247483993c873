import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { asError } from '../errors';
import { sleep } from '../time';
import type { BrokerApi } from './broker-api';

export interface LockOptions {
  api: BrokerApi;
  /** The connection that stays, by the name its client gave it. */
  own: string;
  report: (line: string) => void;
  signal: AbortSignal;
}

/** The broker's statistics list a connection at the latest so long after it was made. */
const listedWithinMs = 10_000;
const pollMs = 100;
/** A connection that was admitted just before the lock is listed by then. */
const quietMs = 300;
const emptyWithinMs = 30_000;

/** Keeps all other clients out of a virtual host for a moment. */
export class VirtualHostLock {
  private constructor(
    private readonly options: LockOptions,
    private readonly ownName: string,
  ) {}

  /**
   * Waits until the broker's statistics list every connection, seconds after it was made: an
   * unlisted one cannot be closed, and a lock that is held must not wait for it.
   */
  static async prepare(options: LockOptions): Promise<VirtualHostLock> {
    const { api, own, signal } = options;
    const deadline = Date.now() + listedWithinMs;
    for (;;) {
      signal.throwIfAborted();
      const [names, listed] = await Promise.all([api.connectionNames(), api.connections()]);
      const mine = listed.find(({ clientName }) => clientName === own);
      const isListed = (name: string) => listed.some((one) => one.name === name);
      const isLate = Date.now() > deadline;
      if (mine && (isLate || names.every(isListed))) return new VirtualHostLock(options, mine.name);
      if (isLate) throw new Error(`the management API does not list the connection "${own}"`);
      await sleep(pollMs, signal);
    }
  }

  /**
   * Runs `work` while no other client is connected: of the messages in flight to a queue that is
   * deleted, the broker confirms some that are in neither the old queue nor the new one (seen on
   * 3.10 and 4.3: up to all of 200). Clients lose their connection and get no other one until the
   * end of `work`, or of this process, however it ends.
   * @throws when a client cannot be disconnected; the lock is released then
   */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const { api, report } = this.options;
    const releaser = await startReleaser(api.liftingLimit);
    const startedMs = Date.now();
    try {
      await api.limitConnections(0);
      await disconnectOthers(this.options, this.ownName);
      return await work();
    } finally {
      try {
        await api.limitConnections(undefined);
        report(`the virtual host was locked for ${Date.now() - startedMs} ms`);
        releaser.kill('SIGKILL');
      } catch (error) {
        report(`could not unlock the virtual host, still trying: ${asError(error).message}`);
        releaser.stdin.end();
      }
    }
  }
}

async function disconnectOthers({ api, signal }: LockOptions, ownName: string): Promise<void> {
  const lockedMs = Date.now();
  let emptySinceMs: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const others = (await api.connectionNames()).filter((name) => name !== ownName);
    const nowMs = Date.now();
    if (others.length > 0) emptySinceMs = undefined;
    else emptySinceMs ??= nowMs;
    if (emptySinceMs !== undefined && nowMs - emptySinceMs >= quietMs) return;
    if (nowMs - lockedMs > emptyWithinMs) {
      throw new Error(`these connections do not close: ${others.join(', ')}`);
    }
    await Promise.all(others.map((name) => api.closeConnection(name)));
    await sleep(pollMs, signal);
  }
}

// A program of its own, so that it outlives the process that started it: the end of its input is
// the end of that process. The request comes as input, because arguments are visible to others.
const program = `
  let input = '';
  process.stdin.setEncoding('utf8').on('data', (text) => (input += text)).on('end', async () => {
    const { url, authorization } = JSON.parse(input);
    for (let left = 120; left > 0; left -= 1) {
      const signal = AbortSignal.timeout(5_000);
      const request = { method: 'DELETE', headers: { authorization }, signal };
      const status = await fetch(url, request).then((response) => response.status, () => 0);
      if (status === 204 || status === 404) return;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  });
`;

/** Starts what releases the lock when this process ends or gives up. @throws when it cannot */
async function startReleaser({ caFile, ...request }: BrokerApi['liftingLimit']) {
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A signal to the whole group (Ctrl-C) must not reach it.
    detached: true,
    // eslint-disable-next-line no-restricted-properties -- a child inherits all of it
    env: { ...process.env, ...(caFile !== undefined && { NODE_EXTRA_CA_CERTS: caFile }) },
  });
  await once(child, 'spawn');
  child.unref();
  child.stdin.on('error', () => undefined);
  child.stdin.write(JSON.stringify(request));
  return child;
}
