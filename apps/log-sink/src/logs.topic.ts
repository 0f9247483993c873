import { Injectable } from '@nestjs/common';
import { LogEntry } from '@tradepost/contracts';
import { OnTopic, type Received } from '@tradepost/messaging';
import { LogsStore } from './logs.store';

/** Every line of every service. Logs nothing when all is well: it would hear itself. */
@Injectable()
export class LogsTopic {
  constructor(private readonly logs: LogsStore) {}

  @OnTopic(LogEntry, {
    queue: 'logs',
    key: 'log.*',
    prefetch: 400,
    batch: { size: 200, withinMs: 250 },
  })
  async handle(batch: Received<LogEntry>[]): Promise<void> {
    await this.logs.add(batch);
  }
}
