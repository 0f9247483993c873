import { Injectable } from '@nestjs/common';
import { Db, GroupCommit, type Tx, type WriteEach } from '@tradepost/database';
import { Problem } from '../problem';
import { IdempotencyStore, type RequestKey } from './idempotency.store';
import { currentRequest, type IdempotentRequest } from './idempotent-request';

/** What is to be done, and the request that asks for it, if that has an Idempotency-Key. */
interface Asked<Item> {
  item: Item;
  request?: IdempotentRequest;
}

/** So many requests wait for a group's commit at most: at 500 a second, for two seconds. */
const waitingMax = 1_000;

/** The transactions of use cases behind routes that are `@Idempotent()`. */
@Injectable()
export class Idempotency {
  constructor(
    private readonly db: Db,
    private readonly store: IdempotencyStore,
  ) {}

  /**
   * `Db.transaction`, which in a request with an Idempotency-Key runs `work` once for all requests
   * with that key: the record of the key commits with the work. Without a key it adds nothing.
   * @param work its result is the body of the answer; a replay returns it as parsed JSON
   * @throws Problem 422 (the key came with another request), 409 (that request is still running)
   */
  async transaction<Result extends object>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const asked = { item: undefined, request: currentRequest.getStore() };
    return this.db.transaction(async (tx) => {
      const [result] = await this.answerEach(tx, [asked], async () => [await work(tx)]);
      if (result instanceof Error) throw result;
      return result as Result;
    });
  }

  /**
   * `transaction` for what comes often: requests at the same time share their commits, and each is
   * answered after the one that holds it.
   * @param write does what was not done before; an Error fails that item alone
   * @returns what throws, besides what `transaction` throws, Problem 503 when too many wait
   */
  group<Item, Result extends object>(
    write: WriteEach<Item, Result>,
  ): (item: Item) => Promise<Result> {
    const commits = new GroupCommit(this.db, async (tx, asked: Asked<Item>[]) =>
      this.answerEach(tx, asked, write),
    );
    let waiting = 0;
    return async (item) => {
      if (waiting >= waitingMax) throw tooBusy();
      waiting += 1;
      try {
        return await commits.add({ item, request: currentRequest.getStore() });
      } finally {
        waiting -= 1;
      }
    };
  }

  private async answerEach<Item, Result extends object>(
    tx: Tx,
    asked: readonly Asked<Item>[],
    write: WriteEach<Item, Result>,
  ): Promise<(Result | Error)[]> {
    const requests = asked.flatMap(({ request }) => request ?? []);
    const answers = await this.claimEach<Result>(tx, requests);
    const answerOf = ({ request }: Asked<Item>) => request && answers.get(request);
    const fresh = asked.filter((one) => !answerOf(one));
    const items = fresh.map(({ item }) => item);
    const results = new Map<Asked<Item>, Result | Error>();
    if (fresh.length > 0) {
      const written = await write(tx, items);
      fresh.forEach((one, index) => results.set(one, written[index] as Result | Error));
    }
    this.keepEach(tx, results);
    return asked.map((one) => (answerOf(one) ?? results.get(one)) as Result | Error);
  }

  /** @returns the answers to those that are not to be done now */
  private async claimEach<Result extends object>(
    tx: Tx,
    requests: readonly IdempotentRequest[],
  ): Promise<Map<IdempotentRequest, Result | Error>> {
    const answers = new Map<IdempotentRequest, Result | Error>();
    if (requests.length === 0) return answers;
    const claims = await this.store.claimEach(tx, requests);
    // A transaction may take its own lock twice.
    const taken = new Set<string>();
    requests.forEach((request, index) => {
      const { claimed, earlier } = claims[index] ?? { claimed: false };
      if (earlier) {
        const isSame = earlier.fingerprint.equals(request.fingerprint());
        if (isSame) request.answered = 'before';
        answers.set(request, isSame ? (JSON.parse(earlier.body) as Result) : keyReused());
      } else if (!claimed || taken.has(textOf(request))) {
        answers.set(request, stillRunning());
      } else {
        taken.add(textOf(request));
      }
    });
    return answers;
  }

  private keepEach<Item, Result extends object>(
    tx: Tx,
    results: ReadonlyMap<Asked<Item>, Result | Error>,
  ): void {
    const records = [...results].flatMap(([{ request }, result]) => {
      if (!request || result instanceof Error) return [];
      request.answered = 'now';
      const { scope, key } = request;
      return [{ scope, key, fingerprint: request.fingerprint(), body: JSON.stringify(result) }];
    });
    this.store.insertEach(tx, records);
  }
}

function textOf({ scope, key }: RequestKey): string {
  return `${scope} ${key}`;
}

/** The key was used for another request. */
function keyReused(): Problem {
  return new Problem({
    status: 422,
    type: 'idempotency-key-reused',
    title: 'This Idempotency-Key was used for another request',
    detail: 'send the body that this key was first sent with, or take a new key',
  });
}

/** The first request with this key has not been answered yet. */
function stillRunning(): Problem {
  return new Problem({
    status: 409,
    type: 'idempotency-key-in-use',
    title: 'A request with this Idempotency-Key is still running',
    detail: 'ask again in a second',
    headers: { 'Retry-After': '1' },
  });
}

/** Another replica, or this one a little later, may take the request. */
function tooBusy(): Problem {
  return new Problem({
    status: 503,
    type: 'too-busy',
    title: 'Too many requests wait to be stored',
    detail: 'ask again in a second',
    headers: { 'Retry-After': '1' },
  });
}
