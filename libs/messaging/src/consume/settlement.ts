import type { Channel, ConsumeMessage } from 'amqplib';
import type { Delivery } from './delivery';
import type { Failures } from './failures';
import { Rejected } from '../errors';
import type { Wiring } from '../handlers/handler';
import type { Message } from '../message';
import { traceSettled } from '../telemetry/settling';

const refusedByHandler = 'nacked';

/** Whether a queue says itself where what is refused goes, as that of a hand-made retry does. */
export function hasOwnDeadLetters({ shape }: Wiring): boolean {
  return shape?.args['x-dead-letter-exchange'] !== undefined;
}

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
    /** What is refused goes where its queue dead-letters it. */
    private readonly leavesRefused = false,
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
    this.ending ??= this.failures.settle(this.delivery, this.message, thrown).then(() => undefined);
    await this.ending;
  }

  private ack(): void {
    if (this.ending !== undefined) return;
    this.ending = Promise.resolve();
    this.delivery.ack();
    traceSettled('ack', this.message);
  }

  /** @param why for who reads the dead letter */
  async refuse(why: Error = new Rejected(refusedByHandler, 'its handler refused it')) {
    const { refuse } = this.delivery;
    if (!this.leavesRefused || refuse === undefined) return this.failed(why);
    if (this.ending !== undefined) return;
    this.ending = Promise.resolve();
    refuse();
    traceSettled('reject', this.message);
  }

  private nack(requeue: boolean): void {
    if (this.ending !== undefined) return;
    if (!requeue) return void this.refuse();
    this.ending = Promise.resolve();
    this.delivery.requeue();
    traceSettled('requeue', this.message);
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
