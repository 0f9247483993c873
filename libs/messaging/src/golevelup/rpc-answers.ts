import {
  MessageHandlerErrorBehavior as Behavior,
  Nack,
  type MessageErrorHandler,
  type MessageSerializer,
} from '@golevelup/nestjs-rabbitmq';
import type { Logger } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import type { Delivery } from '../consume/delivery';
import type { Processor } from '../consume/event-processor';
import { failureOf } from '../consume/failure-of';
import { Failures } from '../consume/failures';
import { Settlement } from '../consume/settlement';
import { headerNames, type Headers } from '../envelope';
import { Rejected, told } from '../errors';
import { Message } from '../message';
import type { Publisher } from '../publish/publisher';
import { errorAnswer, isTooLate } from '../rpc/rpc-processor';
import { inConsumeSpan } from '../telemetry/consuming';
import { read, write } from './content';
import { onErrorOf } from './error-behavior';
import { matchesKey } from './routing-key';
import type { Subscriber } from './subscribe-processor';

export interface Answering {
  /** All methods with `@RabbitRPC` of one queue. */
  handlers: readonly Subscriber[];
  serializer?: MessageSerializer;
  /** Of those that have none. */
  errorHandler?: MessageErrorHandler;
}

interface Call {
  delivery: Delivery;
  handler: Subscriber;
  settlement: Settlement;
}

/** Answers each question by the method of its key. Never tried again: whoever asks does that. */
export class RpcAnswers implements Processor {
  private readonly failures: Failures;
  private readonly first: Subscriber;

  constructor(
    private readonly answering: Answering,
    publisher: Publisher,
    private readonly log: Logger,
  ) {
    const [first] = answering.handlers;
    if (first === undefined) throw new Error('a queue of questions without a handler');
    this.first = first;
    this.failures = new Failures(first.wiring, publisher, log);
  }

  async process(delivery: Delivery): Promise<void> {
    const { raw } = delivery;
    const message = Message.from(raw, this.first.wiring);
    // A question has no dead letters of ours: what is refused goes where its queue says.
    const settlement = new Settlement(delivery, message, this.failures, true);
    if (isTooLate(raw, Date.now())) return settlement.done();
    const { routingKey } = raw.fields;
    const handler = handlerOf(this.answering.handlers, routingKey);
    if (handler === undefined) {
      const why = new Rejected('no_handler', `no handler answers "${routingKey}"`);
      this.log.error('question refused', { queue: this.first.wiring.queue, error: why.message });
      return this.refuse(settlement, delivery, why);
    }
    const call = async () => this.call({ delivery, handler, settlement });
    await inConsumeSpan(handler.wiring, { delivery, message }, call);
  }

  private async call(call: Call): Promise<void> {
    const { delivery, handler, settlement } = call;
    const { raw } = delivery;
    let content: Buffer;
    try {
      const body = read(raw, handler.options);
      const answer = await handler.invoke(body, raw, raw.properties.headers);
      if (answer instanceof Nack) return await this.nacked(call, answer);
      content = write(answer, this.answering.serializer);
    } catch (error) {
      return this.failed(call, failureOf(error));
    }
    // Acked before: an answer for which the broker ends the connection must not come back.
    const done = settlement.done();
    const { expiration } = raw.properties as { expiration?: string };
    const { usePersistentReplyTo: persistent = false } = handler.options;
    delivery.reply(
      content,
      { contentType: undefined, expiration, headers: echoed(raw) },
      { persistent },
    );
    await done;
  }

  private async nacked({ settlement, delivery }: Call, { requeue }: Nack): Promise<void> {
    if (!requeue) return this.refuse(settlement, delivery, new Rejected('nacked'));
    const { channel } = settlement;
    channel.nack(delivery.raw, false, true);
  }

  private async failed({ delivery, handler, settlement }: Call, error: Error): Promise<void> {
    const { raw } = delivery;
    const fields = { handler: handler.wiring.name };
    this.log.error('rpc handler failed', { ...fields, ...told(error) });
    const onError = onErrorOf(handler.options.errorHandler ?? this.answering.errorHandler);
    if (typeof onError === 'function') {
      try {
        await onError(settlement.channel, raw, error);
      } catch (thrown) {
        this.log.error('error handler failed', { ...fields, error: String(thrown) });
      }
      return settlement.done();
    }
    if (onError === Behavior.NACK) return this.refuse(settlement, delivery, error);
    await settlement.done();
    tell(delivery, error);
  }

  private async refuse(settlement: Settlement, delivery: Delivery, why: Error): Promise<void> {
    await settlement.refuse();
    tell(delivery, why);
  }
}

/** First by the very key, then by a pattern; one that has no key answers all. */
function handlerOf(handlers: readonly Subscriber[], routingKey: string): Subscriber | undefined {
  const keysOf = ({ options }: Subscriber) => [options.routingKey ?? '#'].flat();
  return (
    handlers.find((one) => keysOf(one).includes(routingKey)) ??
    handlers.find((one) => keysOf(one).some((pattern) => matchesKey(routingKey, pattern)))
  );
}

/**
 * To a caller on the runtime, which makes an error of it. A stock one would take it for the answer:
 * it learns of an error by its timeout.
 */
function tell(delivery: Delivery, error: Error): void {
  const headers: Headers = delivery.raw.properties.headers ?? {};
  if (headers[headerNames.deadline] === undefined) return;
  const { content, code } = errorAnswer(error);
  delivery.reply(content, { headers: { ...echoed(delivery.raw), [headerNames.errorCode]: code } });
}

/** A stock caller knows the answer by a header of its question, `X-Request-ID`. */
function echoed({ properties }: ConsumeMessage): Headers {
  const { [headerNames.errorCode]: _, ...headers } = (properties.headers ?? {}) as Headers;
  return headers;
}
