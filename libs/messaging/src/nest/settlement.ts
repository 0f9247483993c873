import type { Channel, ConsumeMessage } from 'amqplib';
import type { Delivery } from '../consume/consumer';
import type { Failures } from '../consume/failures';
import { Rejected } from '../errors';
import type { Message } from '../message';

const refusedByHandler = 'nacked';

/**
 * How one delivery ends. A handler may say so itself, by `ack`, `nack` and `reject` of its channel,
 * as it does on the stock transport; what it leaves open is settled by how it ends.
 */
export class Settlement {
  /** The channel of the delivery, on which this message can be settled once. */
  readonly channel: Channel;
  private ending?: Promise<void>;

  constructor(
    private readonly delivery: Delivery,
    private readonly message: Message,
    private readonly failures: Failures,
  ) {
    this.channel = this.guarded(delivery.channel);
  }

  get isSettled(): boolean {
    return this.ending !== undefined;
  }

  /** Resolves when the message is where it belongs. */
  async done(): Promise<void> {
    this.ack();
    await this.ending;
  }

  /** To be tried again, or a dead letter. */
  async failed(thrown: unknown): Promise<void> {
    this.ending ??= this.failures.settle(this.delivery, this.message, thrown);
    await this.ending;
  }

  private ack(): void {
    if (this.ending !== undefined) return;
    this.ending = Promise.resolve();
    this.delivery.ack();
  }

  private nack(requeue: boolean): void {
    if (this.ending !== undefined) return;
    if (!requeue) return void this.failed(new Rejected(refusedByHandler, 'its handler refused it'));
    this.ending = Promise.resolve();
    this.delivery.requeue();
  }

  private guarded(channel: Channel): Channel {
    const own: Partial<Channel> = {
      ack: () => this.ack(),
      nack: (_: ConsumeMessage, _allUpTo?: boolean, requeue = true) => this.nack(requeue),
      reject: (_: ConsumeMessage, requeue = true) => this.nack(requeue),
    };
    return new Proxy(channel, {
      get: (target, name) => {
        if (Object.hasOwn(own, name)) return Reflect.get(own, name) as unknown;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }
}
