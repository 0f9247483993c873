import { Injectable } from '@nestjs/common';
import { type Attempt, type Given, keyReused, stillRunning } from './idempotency';
import { type Claim, IdempotencyStore } from './idempotency.store';

/** What was answered to an Idempotency-Key before. */
@Injectable()
export class EarlierAnswers {
  constructor(private readonly idempotency: IdempotencyStore) {}

  /** @throws Problem 422 when the key came with another request */
  async find(attempt: Attempt): Promise<Given | undefined> {
    const earlier = await this.idempotency.find(attempt);
    if (!earlier) return undefined;
    const { fingerprint, ...answer } = earlier;
    if (!fingerprint.equals(attempt.fingerprint)) throw keyReused();
    return { ...answer, replayed: true };
  }

  /**
   * The answer to a request whose key was taken before.
   * @throws Problem 422 (the key came with another request), 409 (that request is still running)
   */
  async instead(attempt: Attempt, claim: Exclude<Claim, 'ours'>): Promise<Given> {
    const earlier = claim === 'known' ? await this.find(attempt) : undefined;
    if (!earlier) throw stillRunning();
    return earlier;
  }
}
