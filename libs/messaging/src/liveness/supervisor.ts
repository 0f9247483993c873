import type { Consumer } from '../consume/consumer';
import { asError } from '../errors';
import type { Link } from '../connection/link';
import type { Logger } from '@nestjs/common';
import { bounded, NoAnswer } from '../time';

export interface SupervisorOptions {
  link: Link;
  log: Logger;
  consumers: readonly Consumer[];
  /** A consumer that has shown no sign of itself for so long is checked, in milliseconds. */
  everyMs: number;
}

const answerTimeoutMs = 3_000;
/** A quorum queue that is declared for the first time may take its time. */
const openTimeoutMs = 10_000;
/** A connection is not dropped more often than that: all its consumers lose their work in hand. */
const dropEveryMs = 30_000;
const nudgeEveryMs = 1_000;

/**
 * Checks the consumers that believe they consume. A delivery shows a consumer; an idle one is asked
 * after (`checkConsumer`). One that the broker has lost is put back; one whose channel does not
 * answer gets a new channel; if that does not help either, the connection is dropped and made anew.
 * Each of these is one line of the log, and none of them is one when all is well.
 */
export class Supervisor {
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private stopped = false;
  private roundAt = 0;
  private droppedAt = 0;
  private readonly silent = new Set<Consumer>();

  constructor(private readonly options: SupervisorOptions) {}

  start(): void {
    this.later();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** A consumer was seen to be missing: checks all of them now. */
  nudge(): void {
    if (this.stopped || this.running !== undefined || Date.now() - this.roundAt < nudgeEveryMs) {
      return;
    }
    this.begin(0);
  }

  private later(): void {
    if (this.stopped) return;
    const { everyMs } = this.options;
    // Jitter: the replicas of a service check at different moments.
    const waitMs = everyMs * (0.75 + Math.random() * 0.5);
    this.timer = setTimeout(() => this.begin(everyMs / 2), waitMs);
  }

  private begin(seenForMs: number): void {
    clearTimeout(this.timer);
    this.roundAt = Date.now();
    const { consumers } = this.options;
    this.running = Promise.all(consumers.map((one) => this.check(one, seenForMs))).then(() => {
      this.running = undefined;
      this.later();
    });
  }

  /** Never rejects. */
  private async check(consumer: Consumer, seenForMs: number): Promise<void> {
    const { link, log } = this.options;
    if (!link.isUp || Date.now() - consumer.lastSeenAt < seenForMs) {
      this.silent.delete(consumer);
      return;
    }
    if (consumer.openingForMs > openTimeoutMs) {
      this.drop(`${consumer.queue}: no answer when consuming`);
      return;
    }
    try {
      const finding = await bounded(consumer.check(), answerTimeoutMs, 'the broker');
      this.silent.delete(consumer);
      if (finding === 'restored') {
        log.warn('lost consumer restored', { queue: consumer.queue });
      }
      if (finding === 'missing') {
        this.drop(`${consumer.queue}: the broker knows no consumer, though it was told to consume`);
      }
    } catch (error) {
      // Whatever ended the channel, the consumer learns of it itself.
      if (error instanceof NoAnswer) this.revive(consumer);
      else
        log.debug('consumer check failed', {
          queue: consumer.queue,
          error: asError(error).message,
        });
    }
  }

  private revive(consumer: Consumer): void {
    if (this.silent.has(consumer)) {
      this.drop(`${consumer.queue}: still no answer from the broker on a new channel`);
      return;
    }
    this.silent.add(consumer);
    consumer.renew(`no answer from the broker in ${answerTimeoutMs} ms`);
  }

  // The link says so in its own line.
  private drop(reason: string): void {
    const { link } = this.options;
    if (this.stopped || !link.isUp || Date.now() - this.droppedAt < dropEveryMs) return;
    this.droppedAt = Date.now();
    this.silent.clear();
    link.drop(reason);
  }
}
