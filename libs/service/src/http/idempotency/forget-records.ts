import { Injectable } from '@nestjs/common';
import { Periodic } from '../../jobs/periodic';
import { IdempotencyStore } from './idempotency.store';

const keptForMs = 24 * 60 * 60_000;
const everyMs = 10 * 60_000;
const batches = { size: 1_000, max: 100 };

/** Deletes the records of Idempotency-Keys after a day. Every replica may run it at any time. */
@Injectable()
export class ForgetRecords extends Periodic {
  constructor(private readonly idempotency: IdempotencyStore) {
    super(everyMs);
  }

  /** @returns how many records were deleted */
  async run(): Promise<number> {
    const before = new Date(Date.now() - keptForMs);
    const forgotten = await this.inBatches(batches, async (size) =>
      this.idempotency.forget(before, size),
    );
    if (forgotten > 0) this.log.debug('idempotency records forgotten', { count: forgotten });
    return forgotten;
  }
}
