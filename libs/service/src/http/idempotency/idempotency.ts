import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import { Problem } from '../problem';
import { IdempotencyStore } from './idempotency.store';
import { currentRequest } from './idempotent-request';

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
    const request = currentRequest.getStore();
    if (!request) return this.db.transaction(work);
    return this.db.transaction(async (tx) => {
      const fingerprint = request.fingerprint();
      const { claimed, earlier } = await this.store.claim(tx, request);
      if (earlier) {
        if (!earlier.fingerprint.equals(fingerprint)) throw keyReused();
        request.answered = 'before';
        return JSON.parse(earlier.body) as Result;
      }
      if (!claimed) throw stillRunning();
      const result = await work(tx);
      const record = { fingerprint, body: JSON.stringify(result) };
      if (!(await this.store.insert(tx, request, record))) throw stillRunning();
      request.answered = 'now';
      return result;
    });
  }
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
