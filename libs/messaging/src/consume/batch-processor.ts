import type { Delivery } from './consumer';
import { bodyOf, type Processor } from './event-processor';
import type { Failures } from './failures';
import type { BatchOptions, Handler } from '../handlers/handler';
import { Message, type Received } from '../message';

interface Waiting {
  delivery: Delivery;
  received: Received<object>;
  settled: () => void;
}

/**
 * Many messages, one call. A batch goes when it is full or when its first message has waited long
 * enough. A failing batch is tried one by one, so that one bad message never takes others with it.
 */
export class BatchProcessor implements Processor {
  private waiting: Waiting[] = [];
  private timer?: NodeJS.Timeout;
  // One call at a time: the handler's transactions do not compete with each other.
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly handler: Handler,
    private readonly batch: BatchOptions,
    private readonly failures: Failures,
  ) {}

  async process(delivery: Delivery): Promise<void> {
    const message = Message.from(delivery.raw, this.handler);
    let body: object;
    try {
      body = bodyOf(this.handler, delivery);
    } catch (error) {
      return this.failures.settle(delivery, message, error);
    }
    delivery.heldSince = undefined;
    await new Promise<void>((settled) => {
      this.waiting.push({ delivery, received: { body, message }, settled });
      if (this.waiting.length >= this.batch.size) this.flush();
      else this.timer ??= setTimeout(() => this.flush(), this.batch.withinMs);
    });
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0) return;
    const items = this.waiting;
    this.waiting = [];
    this.running = this.running.then(() => this.run(items));
  }

  // Never rejects: `running` chains on it.
  private async run(items: Waiting[]): Promise<void> {
    hold(items, Date.now());
    try {
      await this.handler.invoke(items.map(({ received }) => received));
      for (const { delivery, settled } of items) {
        delivery.ack();
        settled();
      }
    } catch (error) {
      const [first, ...others] = items;
      if (first !== undefined && others.length === 0) {
        await this.failures.settle(first.delivery, first.received.message, error);
        first.settled();
        return;
      }
      hold(items, undefined);
      for (const item of items) await this.run([item]);
    }
  }
}

// Waiting for company or for its turn is not being held up.
function hold(items: Waiting[], since: number | undefined): void {
  for (const { delivery } of items) delivery.heldSince = since;
}
