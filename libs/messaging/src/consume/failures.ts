import type { Channel, ConsumeMessage } from 'amqplib';
import { headerNames, sameMessage, stringHeader, type Headers } from '../envelope';
import { BadJson, InvalidBody, MissingMessageId, Rejected, asError } from '../errors';
import { deadQueue, declareDeadQueue, type Handler } from '../handlers/handler';
import type { Log } from '../log';
import type { Message } from '../message';
import type { Publisher, Target } from '../publish/publisher';
import { declareTier, tierExchange } from './retry-tiers';

/** Where failed messages go: to a retry tier, or to the dead letters with the reason. */
export class Failures {
  constructor(
    private readonly publisher: Publisher,
    private readonly log: Log,
  ) {}

  /**
   * Puts the message where its error says it belongs; when this resolves the broker has it there
   * and the original may be acked.
   * @throws whatever kept it from being published: then the original must stay on its queue
   */
  async place(raw: ConsumeMessage, message: Message, handler: Handler, thrown: unknown) {
    const error = asError(thrown);
    const tier = isPermanent(error) ? undefined : handler.retry[message.attempt - 1];
    if (tier === undefined) return this.deadLetter(raw, message, handler, error);
    const target: Target = {
      exchange: tierExchange(tier),
      routingKey: handler.queue,
      declare: (channel) => declareTier(channel, tier),
    };
    const headers = { ...failureHeaders(raw, error), [headerNames.attempt]: message.attempt + 1 };
    await this.publish(target, raw, message, headers);
    this.log.warning('message failed', {
      ...factsOf(handler, message),
      attempt: message.attempt,
      nextAfter: tier,
      error: `${error.name}: ${error.message}`,
    });
  }

  private async deadLetter(raw: ConsumeMessage, message: Message, handler: Handler, error: Error) {
    const routingKey = deadQueue(handler.queue);
    const declare = (channel: Channel) => declareDeadQueue(channel, routingKey);
    const target: Target = { exchange: '', routingKey, declare };
    const headers: Headers = {
      ...failureHeaders(raw, error),
      [headerNames.handler]: handler.name,
      [headerNames.attempts]: message.attempt,
      // Left out: moved back to its queue, the message has all its attempts again.
      [headerNames.attempt]: undefined,
    };
    await this.publish(target, raw, message, headers);
    this.log.error('message dead-lettered', {
      ...factsOf(handler, message),
      attempts: message.attempt,
      code: errorCode(error),
      error: error.message,
    });
  }

  private async publish(target: Target, raw: ConsumeMessage, message: Message, headers: Headers) {
    const options = sameMessage(raw.properties, message.id, headers);
    await this.publisher.publish(target, raw.content, { ...options, messageId: message.id });
  }
}

function factsOf({ name, queue }: Handler, { id }: Message): object {
  return { handler: name, queue, messageId: id };
}

function failureHeaders(raw: ConsumeMessage, error: Error): Headers {
  const now = new Date().toISOString();
  const before: Headers | undefined = raw.properties.headers;
  return {
    [headerNames.errorCode]: errorCode(error),
    // Headers travel in one frame: a long message must not make it too large.
    [headerNames.errorMessage]: error.message.slice(0, 1_000),
    [headerNames.firstFailedAt]: stringHeader(before, headerNames.firstFailedAt) ?? now,
    [headerNames.lastFailedAt]: now,
  };
}

const permanentFailures = [Rejected, InvalidBody, BadJson, MissingMessageId];

function isPermanent(error: Error): boolean {
  return permanentFailures.some((kind) => error instanceof kind);
}

/** Stable, snake_case: what dead letters are grouped by. */
export function errorCode(error: Error): string {
  if (error instanceof Rejected) return error.code;
  return error.name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
