import { Injectable } from '@nestjs/common';
import { LogEntry } from '@tradepost/contracts';
import { OnTopic, type Received } from '@tradepost/messaging';
import { AlertsStore } from './alerts.store';

/** What may go wrong soon: `warning` anywhere in the key. */
@Injectable()
export class WarningLogsTopic {
  constructor(private readonly alerts: AlertsStore) {}

  @OnTopic(LogEntry, {
    queue: 'warning.logs',
    key: '#.warning.#',
    prefetch: 200,
    batch: { size: 100, withinMs: 100 },
  })
  async handle(batch: Received<LogEntry>[]): Promise<void> {
    await this.alerts.add('warning', batch);
  }
}
