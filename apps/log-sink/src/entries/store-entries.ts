import { Injectable } from '@nestjs/common';
import type { LogEntries } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import type { Received } from '@tradepost/messaging';
import { ArrivalsStore } from './arrivals.store';
import { LogsStore } from './logs.store';
import { rowsOf } from './rows';

/** Stores lines, each once, and counts those of each process. */
@Injectable()
export class StoreEntries {
  constructor(
    private readonly db: Db,
    private readonly logs: LogsStore,
    private readonly arrivals: ArrivalsStore,
  ) {}

  async run(batch: Received<LogEntries>[]): Promise<void> {
    await this.db.transaction(async (tx) => {
      const added = await this.logs.add(rowsOf(batch), tx);
      const fresh = batch.filter(({ message }) => added.delete(message.id));
      await this.arrivals.add(tx, fresh);
    });
  }
}
