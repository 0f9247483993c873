import {
  type BatchMessageErrorHandler,
  MessageHandlerErrorBehavior as Behavior,
} from '@golevelup/nestjs-rabbitmq';
import type { Logger } from '@nestjs/common';
import type { Channel } from 'amqplib';
import { failureOf } from '../consume/failure-of';
import { Gather } from '../consume/gather';
import type { BatchOptions } from '../handlers/handler';
import type { Publisher } from '../publish/publisher';
import { read } from './content';
import { SubscribeProcessor, type Subscriber, type Taken } from './subscribe-processor';

interface Item extends Taken {
  value: unknown;
  settled: () => void;
}

/**
 * Gives many messages a call. A call that throws says nothing of its messages: where they are to be
 * tried again each is tried alone first, so that one bad message never takes others with it.
 */
export class BatchProcessor extends SubscribeProcessor {
  private readonly calls: Gather<Item>;

  constructor(subscriber: Subscriber, publisher: Publisher, log: Logger, batch: BatchOptions) {
    super(subscriber, publisher, log);
    this.calls = new Gather(async (items) => this.call(items), batch);
  }

  protected override async handle(taken: Taken): Promise<void> {
    let value: unknown;
    try {
      value = read(taken.raw, this.subscriber.options);
    } catch (error) {
      return this.failed(taken, failureOf(error));
    }
    taken.delivery.heldSince = undefined;
    await new Promise<void>((settled) => this.calls.add({ ...taken, value, settled }));
  }

  private async call(items: Item[]): Promise<void> {
    const now = Date.now();
    for (const { delivery } of items) delivery.heldSince = now;
    const { options, invoke } = this.subscriber;
    const raws = items.map(({ raw }) => raw);
    const headers = raws.map(({ properties }) => properties.headers);
    try {
      const values = items.map(({ value }) => value);
      const answer: unknown = await invoke(values, raws, headers);
      this.settle(items, async (item) => this.answered(item, answer));
    } catch (thrown) {
      const error = failureOf(thrown);
      const onBatch = options.batchOptions?.errorHandler;
      if (onBatch !== undefined) return this.handled(items, onBatch, error);
      if (items.length > 1 && this.onError === Behavior.REQUEUE) {
        for (const item of items) await this.call([item]);
        return;
      }
      this.settle(items, async (item) => this.failed(item, error));
    }
  }

  /** What the service's own handler leaves open is tried again. */
  private async handled(items: Item[], onBatch: BatchMessageErrorHandler, error: Error) {
    let left: unknown = error;
    try {
      const raws = items.map(({ raw }) => raw);
      await onBatch(channelOf(items), raws, error);
    } catch (thrown) {
      left = thrown;
    }
    this.settle(items, async ({ settlement }) => settlement.failed(left));
  }

  // Not waited for: the next call does not depend on where a message goes.
  private settle(items: readonly Item[], how: (item: Item) => Promise<void>): void {
    for (const item of items) void how(item).finally(item.settled);
  }
}

/** The channel of a batch, on which each of its messages can be settled once. */
function channelOf(items: readonly Item[]): Channel {
  const [first] = items;
  if (first === undefined) throw new Error('a batch of nothing');
  const each = (raw: object, isUpTo = false, settle: (channel: Channel) => void): void => {
    const at = items.findIndex((item) => item.raw === raw);
    for (const item of items.slice(isUpTo ? 0 : at, at + 1)) settle(item.settlement.channel);
  };
  const own: Partial<Channel> = {
    ack: (raw, isUpTo) => each(raw, isUpTo, (channel) => channel.ack(raw)),
    nack: (raw, isUpTo, requeue) =>
      each(raw, isUpTo, (channel) => channel.nack(raw, false, requeue)),
    reject: (raw, requeue) => each(raw, false, (channel) => channel.reject(raw, requeue)),
  };
  return new Proxy(first.settlement.channel, {
    get: (target, name) => {
      const from = Object.hasOwn(own, name) ? own : target;
      return Reflect.get(from, name) as unknown;
    },
  });
}

const defaultSize = 10;
const defaultTimeoutMs = 200;

/** Of golevelup's options; what it takes for nothing said is that here too. */
export function batchOf({ options }: Subscriber, prefetch: number): BatchOptions | undefined {
  const { batchOptions } = options;
  if (batchOptions === undefined) return undefined;
  const size = batchOptions.size >= 2 ? batchOptions.size : defaultSize;
  const { timeout = 0 } = batchOptions;
  const restMs = timeout >= 1 ? timeout : defaultTimeoutMs;
  return { size, restMs, lanes: Math.max(1, Math.floor(prefetch / size)) };
}
