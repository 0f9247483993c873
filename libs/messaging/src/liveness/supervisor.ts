import type { Consumer } from '../consume/consumer';
import { asError } from '../errors';
import type { Link } from '../connection/link';
import type { Logger } from '@nestjs/common';
import { bounded, NoAnswer } from '../time';

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
 */
export class Supervisor {
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private stopped = false;
  private roundAt = 0;
  private droppedAt = 0;
  private readonly silent = new Set<Consumer>();

  /** @param everyMs a consumer that has shown no sign of itself for so long is checked */
  constructor(
    private readonly link: Link,
    private readonly log: Logger,
    private readonly consumers: readonly Consumer[],
    private readonly everyMs: number,
  ) {}

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** A consumer was seen to be missing: checks all of them now. */
  nudge(): void {
    const isSoon = Date.now() - this.roundAt < nudgeEveryMs;
    if (!this.stopped && this.running === undefined && !isSoon) this.begin(0);
  }

  /** Checks them again and again, from `everyMs` on. */
  start(): void {
    if (this.stopped) return;
    // Jitter: the replicas of a service check at different moments.
    const waitMs = this.everyMs * (0.75 + Math.random() * 0.5);
    this.timer = setTimeout(() => this.begin(this.everyMs / 2), waitMs);
  }

  private begin(seenForMs: number): void {
    clearTimeout(this.timer);
    this.roundAt = Date.now();
    this.running = Promise.all(this.consumers.map((one) => this.check(one, seenForMs))).then(() => {
      this.running = undefined;
      this.start();
    });
  }

  /** Never rejects. */
  private async check(consumer: Consumer, seenForMs: number): Promise<void> {
    const { link, log } = this;
    const { queue } = consumer;
    if (!link.isUp || consumer.isPaused || Date.now() - consumer.lastSeenAt < seenForMs) {
      this.silent.delete(consumer);
      return;
    }
    if (consumer.channel.openingForMs > openTimeoutMs) {
      return this.drop(`${queue}: no answer when consuming`);
    }
    try {
      const finding = await bounded(consumer.check(), answerTimeoutMs, 'the broker');
      this.silent.delete(consumer);
      if (finding === 'restored') log.warn('lost consumer restored', { queue });
      if (finding === 'missing') {
        this.drop(`${queue}: the broker knows no consumer, though it was told to consume`);
      }
    } catch (error) {
      // Whatever ended the channel, the consumer learns of it itself.
      if (!(error instanceof NoAnswer)) {
        log.debug('consumer check failed', { queue, error: asError(error).message });
      } else if (this.silent.has(consumer)) {
        this.drop(`${queue}: still no answer from the broker on a new channel`);
      } else {
        this.silent.add(consumer);
        consumer.renew(`no answer from the broker in ${answerTimeoutMs} ms`);
      }
    }
  }

  // The link says so in its own line.
  private drop(reason: string): void {
    if (this.stopped || !this.link.isUp || Date.now() - this.droppedAt < dropEveryMs) return;
    this.droppedAt = Date.now();
    this.silent.clear();
    this.link.drop(reason);
  }
}
