import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { DatabaseUnavailable, endsSession, isConflict, isStale, isUnavailable } from './errors';
import type { Turn } from './turn';

/** Of one piece of work. */
const triesMax = 4;
/** Before the second try, at most; twice as long before each further one. */
const pauseMs = 40;

/** How work in a session failed. */
export class Failure {
  /**
   * @param told for the one who asked for the work
   * @param said what the database or the way to it said first, if that is why
   */
  constructor(
    readonly told: unknown,
    readonly said?: unknown,
  ) {}
}

/**
 * The sessions of a pool. One that is not what it is taken for meets no other work, and what was
 * taken back for a reason that is not its own is done again, in another session if need be.
 */
export class Sessions {
  private made = 0;
  /** Sessions are numbered as they are made. */
  private readonly numbers = new WeakMap<PoolClient, number>();
  /** Those up to this number meet no work any more. */
  private givenUp = 0;

  constructor(
    private readonly pool: Pool,
    private readonly turn: Turn,
    private readonly acquireTimeoutMs: number,
  ) {
    pool.on('connect', (client) => this.numbers.set(client, ++this.made));
  }

  /**
   * @param work leaves nothing done where it fails with what is a conflict or of a stale session:
   *   it runs again from its start
   * @throws DatabaseUnavailable, or what `work` is to tell
   */
  async run<T>(work: (client: PoolClient) => Promise<T | Failure>): Promise<T> {
    let after = 0;
    for (let tries = 1; ; tries += 1) {
      const newest = this.made;
      const client = await this.acquire(after);
      const done = await work(client);
      if (!(done instanceof Failure)) {
        client.release();
        return done;
      }
      const { told, said } = done;
      client.release(said !== undefined && endsSession(said));
      if (this.isLost(said)) this.givenUp = this.made;
      const isNew = this.numberOf(client) > newest;
      const mayPass = isConflict(said) || (isStale(said) && !isNew);
      if (tries === triesMax || !mayPass) throw toThrow(told, said);
      if (isConflict(said)) await delay(Math.random() * pauseMs * 2 ** (tries - 1));
      else after = this.made;
    }
  }

  /** A session that was made after the one with this number; those before it are given up. */
  private async acquire(after: number): Promise<PoolClient> {
    for (;;) {
      const client = await this.connect();
      if (this.numberOf(client) > Math.max(after, this.givenUp)) return client;
      client.release(true);
    }
  }

  // Where another may be the primary by now: each idle session with this one would be found out
  // by some work that fails, or waits for an answer as long as it may.
  private isLost(said: unknown): boolean {
    return this.turn.hasSeveral && isUnavailable(said) && endsSession(said);
  }

  /** @throws DatabaseUnavailable */
  async connect(): Promise<PoolClient> {
    try {
      return await this.turn.each(() => this.pool.connect(), this.acquireTimeoutMs);
    } catch (error) {
      throw new DatabaseUnavailable(error);
    }
  }

  private numberOf(client: PoolClient): number {
    return this.numbers.get(client) ?? 0;
  }
}

function toThrow(told: unknown, said: unknown): unknown {
  return told === said && isUnavailable(said) ? new DatabaseUnavailable(said) : told;
}
