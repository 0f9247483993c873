import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { check } from './check';
import type { Check } from './readiness';

/** Does the database answer? */
@Injectable()
export class DatabaseCheck {
  private pinging?: Promise<void>;

  constructor(private readonly db: Db) {}

  async run(): Promise<Check> {
    return check(async () => {
      await this.ping();
      return [];
    });
  }

  // One at a time, whoever asks: a database that does not answer must not be asked out of its pool.
  private ping(): Promise<void> {
    this.pinging ??= this.db.ping().finally(() => (this.pinging = undefined));
    return this.pinging;
  }
}
