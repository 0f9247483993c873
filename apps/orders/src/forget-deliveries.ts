import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { WebhookDeliveriesStore } from './webhook-deliveries.store';

const keptForMs = 14 * 24 * 60 * 60_000;
const everyMs = 10 * 60_000;
/** A statement deletes so many: short enough for nobody to wait for it. */
const batchMax = 1_000;
/** A round ends here and goes on at the next one. */
const batchesMax = 100;

/** Forgets deliveries of webhooks after two weeks. Every replica may run it at any time. */
@Injectable()
export class ForgetDeliveries implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(ForgetDeliveries.name);
  private timer?: NodeJS.Timeout;
  private round: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(private readonly deliveries: WebhookDeliveriesStore) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      // The round before may still be at it: one at a time.
      this.round = this.round.then(async () => this.runQuietly());
    }, everyMs);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  /** @returns how many deliveries were forgotten */
  async run(): Promise<number> {
    const before = new Date(Date.now() - keptForMs);
    let forgotten = 0;
    for (let batch = 0; batch < batchesMax && !this.stopped; batch += 1) {
      const count = await this.deliveries.forget(before, batchMax);
      forgotten += count;
      if (count < batchMax) break;
    }
    return forgotten;
  }

  private async runQuietly(): Promise<void> {
    try {
      const forgotten = await this.run();
      if (forgotten > 0) this.log.debug(`forgot ${forgotten} webhook deliveries`);
    } catch (error) {
      this.log.warn(`webhook deliveries are not forgotten now: ${String(error)}`);
    }
  }
}
