import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AlertsStore } from './alerts.store';
import { LogSinkConfig } from './log-sink.config';
import { LogsStore } from './logs.store';

const dayMs = 24 * 60 * 60_000;
/** A statement deletes so many: short enough for nobody to wait for it. */
const batchMax = 2_000;
/** A round ends here and goes on at the next one. */
const batchesMax = 500;

/** Forgets entries and alerts after LOG_RETENTION_DAYS. Every replica may run it at any time. */
@Injectable()
export class ForgetOld implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(ForgetOld.name);
  private timer?: NodeJS.Timeout;
  private round?: Promise<void>;
  private stopped = false;

  constructor(
    private readonly config: LogSinkConfig,
    private readonly logs: LogsStore,
    private readonly alerts: AlertsStore,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.begin(), this.config.LOG_SWEEP_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  async run(): Promise<void> {
    const before = new Date(Date.now() - this.config.LOG_RETENTION_DAYS * dayMs);
    for (const store of [this.logs, this.alerts]) {
      for (let batch = 0; batch < batchesMax && !this.stopped; batch += 1) {
        if ((await store.forget(before, batchMax)) < batchMax) break;
      }
    }
  }

  // The round before may still be at it: one at a time.
  private begin(): void {
    this.round ??= this.run()
      .catch((error: unknown) => this.log.warn('old entries are not forgotten now', error))
      .finally(() => (this.round = undefined));
  }
}
