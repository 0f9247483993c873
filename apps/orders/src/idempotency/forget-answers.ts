import { Injectable } from '@nestjs/common';
import { Periodic } from '@tradepost/service';
import { IdempotencyStore } from './idempotency.store';

const keptForMs = 24 * 60 * 60_000;
const everyMs = 10 * 60_000;
const batches = { size: 1_000, max: 100 };

/** Forgets the answers to Idempotency-Keys after a day. Every replica may run it at any time. */
@Injectable()
export class ForgetAnswers extends Periodic {
  constructor(private readonly idempotency: IdempotencyStore) {
    super(everyMs);
  }

  /** @returns how many answers were forgotten */
  async run(): Promise<number> {
    const before = new Date(Date.now() - keptForMs);
    const forgotten = await this.inBatches(batches, async (size) =>
      this.idempotency.forget(before, size),
    );
    if (forgotten > 0) this.log.debug(`forgot ${forgotten} answers to idempotency keys`);
    return forgotten;
  }
}
