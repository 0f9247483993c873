import { Injectable } from '@nestjs/common';
import { Periodic } from '../../jobs/periodic';
import { IdempotencyStore } from './idempotency.store';

const everyMs = 10 * 60_000;

/**
 * Makes room for the Idempotency-Keys of the days ahead, and drops those of days before yesterday:
 * a key counts for a day. Every replica may run it at any time.
 */
@Injectable()
export class ForgetRecords extends Periodic {
  constructor(private readonly idempotency: IdempotencyStore) {
    super(everyMs);
  }

  /** @returns how many days were dropped */
  async run(): Promise<number> {
    const dropped = await this.idempotency.forget();
    if (dropped > 0) this.log.debug('idempotency records forgotten', { days: dropped });
    return dropped;
  }
}
