import { PoolerInBetween } from './pooler-in-between';

/** Of the servers that a URL names, whose turn it is: shared by all connections of one config. */
export class Turn {
  private next = 0;
  private count = 1;

  /** @returns the one to try, and what to call when it is not the one */
  take<T>(servers: readonly T[]): { server: T | undefined; pass: () => void } {
    this.count = servers.length;
    const mine = this.next;
    // Those that were passed at the same time pass once.
    const pass = () => (this.next = Math.max(this.next, mine + 1));
    return { server: servers[mine % this.count], pass };
  }

  get hasSeveral(): boolean {
    return this.count > 1;
  }

  /**
   * Tries each server, beginning with the one that the last connection led to.
   * @throws what all of them said
   */
  async each<T>(connect: () => Promise<T>, withinMs: number): Promise<T> {
    const endsAt = performance.now() + withinMs;
    const errors: unknown[] = [];
    for (;;) {
      try {
        return await connect();
      } catch (error) {
        if (error instanceof PoolerInBetween) throw error;
        errors.push(error);
        // What is left must do for a try, and the time of a full pool is up.
        const isOver = endsAt - performance.now() < withinMs / this.count / 2;
        if (isOver || errors.length >= this.count) throw asOne(errors);
      }
    }
  }
}

// As Node does it for a name with several addresses: the code is that of one of them.
function asOne(errors: unknown[]): unknown {
  const last = errors.at(-1) as { code?: string };
  if (errors.length === 1) return last;
  return Object.assign(new AggregateError(errors, 'no server takes writes'), { code: last.code });
}
