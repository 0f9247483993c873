import { Injectable } from '@nestjs/common';
import { LogEntries } from '@tradepost/contracts';
import { OnTopic, type Received } from '@tradepost/messaging';
import { RaiseAlerts } from './alerts/raise-alerts';
import { LogsStore } from './entries/logs.store';
import { rowsOf } from './entries/rows';

/** Messages, of up to 100 lines each. */
// Lines are in no hurry: fewer inserts, each with its commit.
const batch = { size: 32, restMs: 50 };

/** Logs nothing when all is well: it would hear itself. */
@Injectable()
export class LogsTopic {
  constructor(
    private readonly logs: LogsStore,
    private readonly raise: RaiseAlerts,
  ) {}

  /** Every line of every service. */
  @OnTopic(LogEntries, { queue: 'logs', key: 'log.*', batch })
  async all(batch: Received<LogEntries>[]): Promise<void> {
    await this.logs.add(rowsOf(batch));
  }

  /** What may go wrong soon: `warning` anywhere in the key. */
  @OnTopic(LogEntries, { queue: 'warning.logs', key: '#.warning.#', batch })
  async warnings(batch: Received<LogEntries>[]): Promise<void> {
    await this.raise.run('warning', batch);
  }

  /** What needs attention now: `critical` anywhere in the key. */
  @OnTopic(LogEntries, { queue: 'critical.logs', key: '#.critical.#', batch })
  async critical(batch: Received<LogEntries>[]): Promise<void> {
    await this.raise.run('critical', batch);
  }
}
