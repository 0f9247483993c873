import {
  MessageHandlerErrorBehavior as Behavior,
  Nack,
  type RabbitHandlerConfig,
} from '@golevelup/nestjs-rabbitmq';
import type { Logger } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import type { Delivery } from '../consume/delivery';
import { eachPart } from '../consume/each-part';
import type { Processor } from '../consume/event-processor';
import { failureOf } from '../consume/failure-of';
import { errorCode, Failures } from '../consume/failures';
import { hasOwnDeadLetters, Settlement } from '../consume/settlement';
import { Rejected, told } from '../errors';
import type { Handler, Wiring } from '../handlers/handler';
import type { Message } from '../message';
import type { Publisher } from '../publish/publisher';
import { inConsumeSpan } from '../telemetry/consuming';
import { read } from './content';
import { onErrorOf, type OnError } from './error-behavior';
import { asFirstCame, withFirstPlace } from './first-place';

/** A method with `@RabbitSubscribe`. */
export interface Subscriber {
  wiring: Wiring;
  options: RabbitHandlerConfig;
  invoke: Handler['invoke'];
}

/** A message in the hands of its handler. */
export interface Taken {
  delivery: Delivery;
  message: Message;
  settlement: Settlement;
  /** As it first came. */
  raw: ConsumeMessage;
}

/** Gives each message to its handler, and settles it by what that returns or throws. */
export class SubscribeProcessor implements Processor {
  private readonly failures: Failures;
  protected readonly onError: OnError;
  private readonly leavesRefused: boolean;

  constructor(
    protected readonly subscriber: Subscriber,
    publisher: Publisher,
    protected readonly log: Logger,
  ) {
    const { wiring, options } = subscriber;
    this.failures = new Failures(wiring, publisher, log);
    this.onError = onErrorOf(options.errorHandler, options.errorBehavior);
    this.leavesRefused = hasOwnDeadLetters(wiring);
  }

  async process(delivery: Delivery): Promise<void> {
    const take = async (one: Delivery, message: Message) => this.take(one, message);
    await eachPart(delivery, this.subscriber.wiring, this.failures, take);
  }

  private async take(delivery: Delivery, message: Message): Promise<void> {
    const raw = asFirstCame(delivery.raw);
    const { leavesRefused, failures } = this;
    const moved = asItMoves(delivery, raw);
    const settlement = new Settlement(moved, message, failures, leavesRefused);
    const taken = { delivery, message, settlement, raw };
    await inConsumeSpan(this.subscriber.wiring, taken, async () => this.handle(taken));
  }

  protected async handle(taken: Taken): Promise<void> {
    const { raw } = taken;
    const { options, invoke } = this.subscriber;
    let answer: unknown;
    try {
      answer = await invoke(read(raw, options), raw, raw.properties.headers);
    } catch (error) {
      return this.failed(taken, failureOf(error));
    }
    await this.answered(taken, answer);
  }

  protected async answered({ settlement }: Taken, answer: unknown): Promise<void> {
    if (answer instanceof Nack) return refused(settlement, answer);
    const { name: handler } = this.subscriber.wiring;
    if (answer) this.log.warn('what a subscriber returns is not used', { handler });
    await settlement.done();
  }

  protected async failed({ settlement, raw }: Taken, error: Error): Promise<void> {
    const { onError } = this;
    if (typeof onError === 'function') {
      try {
        await onError(settlement.channel, raw, error);
      } catch (thrown) {
        return settlement.failed(thrown);
      }
      // What it leaves open would stay so until the connection ends.
      return settlement.failed(error);
    }
    switch (onError) {
      case Behavior.ACK: {
        const fields = { handler: this.subscriber.wiring.name, ...told(error) };
        this.log.error('message acked though its handler failed', fields);
        return settlement.done();
      }
      case Behavior.NACK:
        return settlement.refuse(new Rejected(errorCode(error), error.message));
      case Behavior.REQUEUE:
        return settlement.failed(error);
    }
  }
}

async function refused(settlement: Settlement, { requeue }: Nack): Promise<void> {
  // Not at once: golevelup would hand it out again thousands of times a second.
  if (requeue) return settlement.failed(new Error('its handler wants it again'));
  return settlement.refuse();
}

/** The delivery whose retry and dead letter tell where it first came from. */
function asItMoves(delivery: Delivery, raw: ConsumeMessage): Delivery {
  const { channel, refuse } = delivery;
  return {
    raw: withFirstPlace(raw),
    ack: () => delivery.ack(),
    requeue: () => delivery.requeue(),
    reply: (...answer) => delivery.reply(...answer),
    refuse,
    channel,
  };
}
