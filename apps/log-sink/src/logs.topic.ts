import { Injectable } from '@nestjs/common';
import { LogEntries } from '@tradepost/contracts';
import { OnTopic, type Received } from '@tradepost/messaging';
import { RaiseAlerts } from './alerts/raise-alerts';
import { StoreEntries } from './entries/store-entries';

/** Messages, of up to 100 lines each. */
// Lines are in no hurry: fewer inserts, each with its commit.
const batch = { size: 32, restMs: 50 };

// Of more than these the oldest go: what logs in a loop, or a log-sink that is away, must not fill
// the broker. What is gone is counted: see arrivals.store.ts.
const newest = {
  all: { messages: 100_000, bytes: 256 * 1_048_576 },
  some: { messages: 20_000, bytes: 64 * 1_048_576 },
};

/** Logs nothing when all is well: it would hear itself. */
@Injectable()
export class LogsTopic {
  constructor(
    private readonly store: StoreEntries,
    private readonly raise: RaiseAlerts,
  ) {}

  /** Every line of every service. */
  @OnTopic(LogEntries, { queue: 'logs', key: 'log.*', keepNewest: newest.all, batch })
  async all(batch: Received<LogEntries>[]): Promise<void> {
    await this.store.run(batch);
  }

  /** What may go wrong soon: `warning` anywhere in the key. */
  @OnTopic(LogEntries, {
    queue: 'warning.logs',
    key: '#.warning.#',
    keepNewest: newest.some,
    batch,
  })
  async warnings(batch: Received<LogEntries>[]): Promise<void> {
    await this.raise.run('warning', batch);
  }

  /** What needs attention now: `critical` anywhere in the key. */
  @OnTopic(LogEntries, {
    queue: 'critical.logs',
    key: '#.critical.#',
    keepNewest: newest.some,
    batch,
  })
  async critical(batch: Received<LogEntries>[]): Promise<void> {
    await this.raise.run('critical', batch);
  }
}
