import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from './db';
import { DatabaseUnavailable } from './errors';
import { contextOfNow, inGroupSpan } from './group-span';
import type { Tx } from './tx';

/** After a commit: a small one costs as many round trips, and as many writes, as a full one. */
const restMs = 5;

interface Waiting<Item, Result> {
  item: Item;
  context: ReturnType<typeof contextOfNow>;
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

/** Writes all items; an Error in the place of an item's result fails that item alone. */
export type WriteEach<Item, Result> = (tx: Tx, items: Item[]) => Promise<(Result | Error)[]>;

/**
 * Concurrent work that shares its commits: what is added while a transaction runs goes into the
 * next one, and a lone item at once into its own. Each is answered after the commit that holds it.
 * A transaction that fails says nothing of its items: each has one of its own then, unless the
 * database is not there for any of them.
 */
export class GroupCommit<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private isBusy = false;
  // A transaction is nobody's: it must not run in the context of who happened to come first.
  private readonly apart = AsyncLocalStorage.snapshot();

  constructor(
    private readonly db: Db,
    private readonly write: WriteEach<Item, Result>,
    /** Items of a transaction at most. */
    private readonly sizeMax = 64,
  ) {}

  /** @returns what `write` returned for it, committed. @throws what it returned or threw for it */
  async add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, context: contextOfNow(), resolve, reject });
      if (this.isBusy) return;
      this.isBusy = true;
      // At the end of the turn: what came at once is one transaction.
      this.apart(setImmediate, () => void this.run());
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.commit(this.waiting.splice(0, this.sizeMax));
      if (this.waiting.length < this.sizeMax) await delay(restMs);
    }
    this.isBusy = false;
  }

  private async commit(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const items = group.map(({ item }) => item);
      const contexts = group.map(({ context }) => context);
      const results = await inGroupSpan(contexts, async () =>
        this.db.transaction(async (tx) => this.write(tx, items)),
      );
      group.forEach((one, index) => settle(one, results[index]));
    } catch (error) {
      if (group.length === 1 || isOfAll(error)) group.forEach((one) => one.reject(error as Error));
      else await Promise.all(group.map(async (one) => this.commit([one])));
    }
  }
}

// The statement that ran out of time may have waited for the row of one item.
function isOfAll(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && !error.isContention;
}

function settle<Item, Result>(one: Waiting<Item, Result>, result: Result | Error | undefined) {
  if (result instanceof Error) one.reject(result);
  else one.resolve(result as Result);
}
