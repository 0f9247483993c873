import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SendCallbacks } from './send-callbacks';
import { SettleCharges } from '../charges/settle-charges';

const everyMs = 50;
/** After a failure, such as a database that is away. */
const pauseMs = 1_000;

/** Does what is due, all the time. What is due stands in the database: any replica may do it. */
@Injectable()
export class Rounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Rounds.name);
  private readonly works: (() => Promise<boolean>)[];
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly underWay = new Set<Promise<void>>();
  private stopped = false;

  constructor(settleCharges: SettleCharges, sendCallbacks: SendCallbacks) {
    this.works = [() => settleCharges.run(), () => sendCallbacks.run()];
  }

  onApplicationBootstrap(): void {
    for (const work of this.works) this.schedule(work, 0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await Promise.all(this.underWay);
  }

  private schedule(work: () => Promise<boolean>, inMs: number): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const round: Promise<void> = this.round(work).then((nextInMs) => {
        this.underWay.delete(round);
        this.schedule(work, nextInMs);
      });
      this.underWay.add(round);
    }, inMs);
    this.timers.add(timer);
  }

  /** @returns when the next one is */
  private async round(work: () => Promise<boolean>): Promise<number> {
    try {
      return (await work()) ? 0 : everyMs;
    } catch (error) {
      this.logger.warn('what is due is not done now', error);
      return pauseMs;
    }
  }
}
