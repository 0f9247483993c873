import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { BalancesStore } from './balances.store';
import { FinancialConfig } from './financial.config';

/** A statement folds so many notes: short enough for nobody to wait for it. */
const notesMax = 10_000;
/** A round ends here and goes on at the next one. */
const batchesMax = 100;

/**
 * Folds what was booked into the balances, so that reading them stays cheap. They are right without
 * it too. Every replica may run it at any time.
 */
@Injectable()
export class FoldBalances implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger(FoldBalances.name);
  private timer?: NodeJS.Timeout;
  private round?: Promise<void>;
  private stopped = false;

  constructor(
    private readonly config: FinancialConfig,
    private readonly balances: BalancesStore,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.begin(), this.config.BALANCES_FOLD_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.round;
  }

  async run(): Promise<void> {
    for (let batch = 0; batch < batchesMax && !this.stopped; batch += 1) {
      if ((await this.balances.fold(notesMax)) < notesMax) break;
    }
  }

  // The round before may still be at it: one at a time.
  private begin(): void {
    this.round ??= this.run()
      .catch((error: unknown) => this.log.warn('balances are not folded now', error))
      .finally(() => (this.round = undefined));
  }
}
