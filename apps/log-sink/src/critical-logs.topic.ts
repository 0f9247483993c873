import { Injectable } from '@nestjs/common';
import { LogEntry } from '@tradepost/contracts';
import { OnTopic, type Received } from '@tradepost/messaging';
import { AlertsStore } from './alerts.store';

/** What needs attention now: `critical` anywhere in the key. */
@Injectable()
export class CriticalLogsTopic {
  constructor(private readonly alerts: AlertsStore) {}

  @OnTopic(LogEntry, {
    queue: 'critical.logs',
    key: '#.critical.#',
    prefetch: 200,
    batch: { size: 100, withinMs: 100 },
  })
  async handle(batch: Received<LogEntry>[]): Promise<void> {
    await this.alerts.add('critical', batch);
  }
}
