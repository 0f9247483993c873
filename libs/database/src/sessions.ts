import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { DatabaseUnavailable, endsSession, isConflict, isStale, isUnavailable } from './errors';

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

  constructor(private readonly pool: Pool) {
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
      if (this.numberOf(client) > after) return client;
      client.release(true);
    }
  }

  private async connect(): Promise<PoolClient> {
    try {
      return await this.pool.connect();
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
