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

  // One at a time: the checks of a database that does not answer must not use up its pool.
  private ping(): Promise<void> {
    this.pinging ??= this.db.ping().finally(() => (this.pinging = undefined));
    return this.pinging;
  }
}
