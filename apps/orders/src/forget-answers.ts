import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { IdempotencyStore } from './idempotency.store';

const keptForMs = 24 * 60 * 60_000;
const everyMs = 10 * 60_000;
/** A statement deletes so many: short enough for nobody to wait for it. */
const batchMax = 1_000;
/** A round ends here and goes on at the next one. */
const batchesMax = 100;

/** Forgets the answers to Idempotency-Keys after a day. Every replica may run it at any time. */
@Injectable()
export class ForgetAnswers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(ForgetAnswers.name);
  private timer?: NodeJS.Timeout;
  private round: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(private readonly idempotency: IdempotencyStore) {}

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

  /** @returns how many answers were forgotten */
  async run(): Promise<number> {
    const before = new Date(Date.now() - keptForMs);
    let forgotten = 0;
    for (let batch = 0; batch < batchesMax && !this.stopped; batch += 1) {
      const count = await this.idempotency.forget(before, batchMax);
      forgotten += count;
      if (count < batchMax) break;
    }
    return forgotten;
  }

  private async runQuietly(): Promise<void> {
    try {
      const forgotten = await this.run();
      if (forgotten > 0) this.log.debug(`forgot ${forgotten} answers to idempotency keys`);
    } catch (error) {
      this.log.warn(`answers to idempotency keys are not forgotten now: ${String(error)}`);
    }
  }
}
