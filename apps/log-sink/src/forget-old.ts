import { Injectable } from '@nestjs/common';
import { Db, keepPartitions } from '@tradepost/database';
import { Periodic } from '@tradepost/service';
import { AlertsStore } from './alerts/alerts.store';
import { ArrivalsStore } from './entries/arrivals.store';
import { entryTables, LogsStore } from './entries/logs.store';
import { daysKept, LogSinkConfig } from './log-sink.config';

const dayMs = 24 * 60 * 60_000;
const batches = { size: 2_000, max: 500 };

/**
 * Forgets entries and alerts after so many days, by whole days as far as there are partitions of
 * days: entries by level, alerts with the last entries that may have raised them. Every replica may
 * run it at any time.
 */
@Injectable()
export class ForgetOld extends Periodic {
  constructor(
    private readonly config: LogSinkConfig,
    private readonly db: Db,
    private readonly logs: LogsStore,
    private readonly alerts: AlertsStore,
    private readonly arrivals: ArrivalsStore,
  ) {
    super(config.LOG_SWEEP_EVERY_MS);
  }

  async run(): Promise<void> {
    for (const { level, table } of entryTables) {
      const days = daysKept(this.config, level);
      await this.keep(table, days, async (before, size) => this.logs.forget(level, before, size));
    }
    const days = Math.max(daysKept(this.config, 'warning'), daysKept(this.config, 'critical'));
    await this.keep('alerts', days, async (before, size) => this.alerts.forget(before, size));
    await this.arrivals.forget(this.config.LOG_RETENTION_DAYS);
  }

  private async keep(
    table: string,
    days: number,
    forget: (before: Date, size: number) => Promise<number>,
  ): Promise<void> {
    await keepPartitions(this.db, { table, days });
    const before = new Date(Date.now() - days * dayMs);
    await this.inBatches(batches, async (size) => forget(before, size));
  }
}
