import { Injectable } from '@nestjs/common';
import { LogEntry } from '@tradepost/contracts';
import { OnTopic, type Received } from '@tradepost/messaging';
import { AlertsStore } from './alerts.store';
import { LogsStore } from './logs.store';

const batch = { size: 100 };

/** Logs nothing when all is well: it would hear itself. */
@Injectable()
export class LogsTopic {
  constructor(
    private readonly logs: LogsStore,
    private readonly alerts: AlertsStore,
  ) {}

  /** Every line of every service. */
  @OnTopic(LogEntry, {
    queue: 'logs',
    key: 'log.*',
    prefetch: 400,
    batch: { size: 200 },
  })
  async all(batch: Received<LogEntry>[]): Promise<void> {
    await this.logs.add(batch);
  }

  /** What may go wrong soon: `warning` anywhere in the key. */
  @OnTopic(LogEntry, { queue: 'warning.logs', key: '#.warning.#', prefetch: 200, batch })
  async warnings(batch: Received<LogEntry>[]): Promise<void> {
    await this.alerts.add('warning', batch);
  }

  /** What needs attention now: `critical` anywhere in the key. */
  @OnTopic(LogEntry, { queue: 'critical.logs', key: '#.critical.#', prefetch: 200, batch })
  async critical(batch: Received<LogEntry>[]): Promise<void> {
    await this.alerts.add('critical', batch);
  }
}
