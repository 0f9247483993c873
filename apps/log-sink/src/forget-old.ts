import { Injectable } from '@nestjs/common';
import { Db, keepPartitions } from '@tradepost/database';
import { Periodic } from '@tradepost/service';
import { AlertsStore } from './alerts.store';
import { LogSinkConfig } from './log-sink.config';
import { LogsStore } from './logs.store';

const dayMs = 24 * 60 * 60_000;
const batches = { size: 2_000, max: 500 };

/**
 * Forgets entries and alerts after LOG_RETENTION_DAYS, by whole days as far as there are partitions
 * of days. Every replica may run it at any time.
 */
@Injectable()
export class ForgetOld extends Periodic {
  constructor(
    private readonly config: LogSinkConfig,
    private readonly db: Db,
    private readonly logs: LogsStore,
    private readonly alerts: AlertsStore,
  ) {
    super(config.LOG_SWEEP_EVERY_MS);
  }

  async run(): Promise<void> {
    const days = this.config.LOG_RETENTION_DAYS;
    for (const table of ['log_entries', 'alerts']) await keepPartitions(this.db, { table, days });
    const before = new Date(Date.now() - days * dayMs);
    for (const store of [this.logs, this.alerts]) {
      await this.inBatches(batches, async (size) => store.forget(before, size));
    }
  }
}
