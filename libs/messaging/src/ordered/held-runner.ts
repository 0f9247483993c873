import type { Logger } from '@nestjs/common';
import type { Processor } from '../consume/event-processor';
import { asError } from '../errors';
import { sleep, until } from '../time';
import { HeldDelivery } from './held-delivery';
import type { DueMessage, HeldMessages } from './held-messages';

interface Options {
  queue: string;
  held: HeldMessages;
  processor: Processor;
  log: Logger;
  /** Whether an operator has paused the handler here. */
  isPaused: () => boolean;
}

/** Tried at the same time. */
const runningMax = 64;
const everyMs = 1_000;
/** A third of a lease. */
const renewEveryMs = 5_000;

/** Gives what waits in the database to its handler again, when its time has come. */
export class HeldRunner {
  private readonly stopping = new AbortController();
  private waking = new AbortController();
  private looping?: Promise<void>;
  private readonly running = new Set<string>();
  private renewedAt = 0;
  private failures = 0;

  constructor(private readonly options: Options) {}

  start(): void {
    this.looping ??= this.loop();
  }

  /** Ends when all that has begun is done, or after `timeoutMs`: it is tried again elsewhere. */
  async stop(timeoutMs: number): Promise<void> {
    this.stopping.abort();
    this.waking.abort();
    await this.looping;
    await until(() => this.running.size === 0, timeoutMs);
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.waking = new AbortController();
      const due = await this.lease();
      for (const one of due) void this.run(one);
      if (due.length === 0) await sleep(everyMs, this.waking.signal);
    }
  }

  private async lease(): Promise<DueMessage[]> {
    const room = runningMax - this.running.size;
    try {
      await this.renew();
      if (room === 0 || this.options.isPaused()) return [];
      const due = await this.options.held.lease(room);
      this.failures = 0;
      return due;
    } catch (error) {
      this.failures += 1;
      if (this.failures % 10 === 1) this.tell(error);
      return [];
    }
  }

  private async renew(): Promise<void> {
    const now = Date.now();
    if (this.running.size === 0 || now - this.renewedAt < renewEveryMs) return;
    this.renewedAt = now;
    await this.options.held.renew([...this.running]);
  }

  /** Never rejects. */
  private async run(due: DueMessage): Promise<void> {
    const { held, processor, queue } = this.options;
    this.running.add(due.messageId);
    try {
      const delivery = new HeldDelivery(due, held, queue, this.stopping.signal);
      await processor.process(delivery);
      await delivery.settled();
    } catch (error) {
      this.tell(error);
    } finally {
      this.running.delete(due.messageId);
      // The next of its key may go on.
      this.waking.abort();
    }
  }

  private tell(error: unknown): void {
    const { log, queue } = this.options;
    log.warn('held messages wait', { queue, error: asError(error).message });
  }
}
