import type { Logger } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import type { Delivery } from './delivery';
import { PropertyList } from '../connection/property-list';
import { headerNames, sameMessage, stringHeader, type Headers } from '../envelope';
import { BadJson, InvalidBody, MissingMessageId, Rejected, asError, told } from '../errors';
import { stackMax, UnknownEncoding } from '../errors';
import { deadQueue, deadQueueShape, type Wiring } from '../handlers/handler';
import { Message } from '../message';
import type { Publisher, Target } from '../publish/publisher';
import type { Part } from './open-bundle';
import { firstTryOf } from '../telemetry/consuming';
import { inSettleSpan } from '../telemetry/settling';
import { sleep } from '../time';
import { simpleWays } from '../topology/ways';
import { tierTopology, type Tier } from './retry-tiers';

/** Where a failed message is now: in a retry tier, a dead letter, or on its queue still. */
export interface Fate {
  outcome: 'retried' | 'dead' | 'failed';
  code: string;
  tier?: Tier;
}

/** Where a handler's failed messages go: to a retry tier, or to the dead letters. */
export class Failures {
  constructor(
    protected readonly handler: Wiring,
    private readonly publisher: Publisher,
    private readonly log: Logger,
    private readonly ways = simpleWays,
  ) {}

  /** Places the failed message, then acks it; if it cannot be placed it stays on its queue. */
  async settle(delivery: Delivery, message: Message, thrown: unknown): Promise<Fate> {
    const error = asError(thrown);
    const placing = async () => this.place(delivery.raw, message, error);
    return inSettleSpan(message, error, async () => {
      const fate = await this.move(delivery, message, placing);
      return fate ?? { outcome: 'failed', code: errorCode(error) };
    });
  }

  /** Puts each message of a bundle on the queue alone, in their order, then acks the bundle. */
  async scatter(bundle: Delivery, parts: readonly Part[]): Promise<void> {
    const target: Target = this.ways.to(this.handler.queue);
    const placing = async () => {
      for (const { raw, message } of parts) await this.publish(target, raw, message);
    };
    await this.move(bundle, Message.from(bundle.raw, this.handler), placing);
  }

  /** @returns undefined when it stays where it is */
  protected async move<T>(
    delivery: Delivery,
    message: Message,
    place: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      const placed = await place();
      delivery.ack();
      return placed;
    } catch (error) {
      this.tellNotMoved(message, error);
      // Not at once: each return to the queue counts towards its delivery limit.
      await sleep(1_000);
      delivery.requeue();
      return undefined;
    }
  }

  protected tellNotMoved(message: Message, error: unknown): void {
    const fields = { ...this.factsOf(message), error: asError(error).message };
    this.log.warn('failed message not moved', fields);
  }

  private async place(raw: ConsumeMessage, message: Message, error: Error): Promise<Fate> {
    const tier = isPermanent(error) ? undefined : this.handler.retry[message.attempt - 1];
    if (tier === undefined) return this.deadLetter(raw, message, error);
    const headers = {
      ...failureHeaders(raw, error),
      ...firstTryOf(raw, message),
      [headerNames.attempt]: message.attempt + 1,
    };
    await this.putAside(tier, raw, message, headers);
    this.log.warn('message failed', {
      ...this.factsOf(message),
      attempt: message.attempt,
      nextAfter: tier,
      ...told(error),
    });
    return { outcome: 'retried', code: errorCode(error), tier };
  }

  /** Where it waits for its next try. */
  protected async putAside(
    tier: Tier,
    raw: ConsumeMessage,
    message: Message,
    headers: Headers,
  ): Promise<void> {
    const { ways, handler } = this;
    const needs = ways.isStrict ? undefined : tierTopology(tier, ways);
    const target: Target = { ...ways.intoTier(tier, handler.queue), needs };
    await this.publish(target, raw, message, headers);
  }

  /** Of its dead letters, beside those that all have. */
  protected get deadHeaders(): Headers {
    return {};
  }

  /** After its dead letter is confirmed, before it is acked. */
  protected async buried(_raw: ConsumeMessage, _message: Message): Promise<void> {}

  private async deadLetter(raw: ConsumeMessage, message: Message, error: Error): Promise<Fate> {
    const { name, queue } = this.handler;
    const dead = deadQueue(queue);
    const needs = this.ways.isStrict ? undefined : { queues: [deadQueueShape(dead, this.ways)] };
    const target: Target = { ...this.ways.to(dead), needs };
    const headers: Headers = {
      ...failureHeaders(raw, error),
      ...firstTryOf(raw, message),
      [headerNames.errorStack]: stackOf(error),
      [headerNames.handler]: name,
      [headerNames.attempts]: message.attempt,
      // Left out: moved back to its queue, the message has all its attempts again.
      [headerNames.attempt]: undefined,
      ...this.deadHeaders,
    };
    await this.publish(target, raw, message, headers);
    await this.buried(raw, message);
    this.log.error('message dead-lettered', {
      ...this.factsOf(message),
      attempts: message.attempt,
      code: errorCode(error),
      ...told(error),
    });
    return { outcome: 'dead', code: errorCode(error) };
  }

  private async publish(
    target: Target,
    raw: ConsumeMessage,
    message: Message,
    headers: Headers = {},
  ) {
    const same = sameMessage(PropertyList.of(raw.properties), message.id, headers);
    await this.publisher.publish(target, raw.content, same);
  }

  private factsOf({ id }: Message): object {
    const { name, queue } = this.handler;
    return { handler: name, queue, messageId: id };
  }
}

function failureHeaders(raw: ConsumeMessage, error: Error): Headers {
  const now = new Date().toISOString();
  const isFirst = stringHeader(raw.properties.headers, headerNames.firstFailedAt) === undefined;
  return {
    [headerNames.errorCode]: errorCode(error),
    // Headers travel in one frame: a long message must not make it too large.
    [headerNames.errorMessage]: String(error.message).slice(0, 1_000),
    [headerNames.lastFailedAt]: now,
    ...(isFirst ? { [headerNames.firstFailedAt]: now } : {}),
  };
}

const permanentFailures = [Rejected, InvalidBody, BadJson, UnknownEncoding, MissingMessageId];

function isPermanent(error: Error): boolean {
  return permanentFailures.some((kind) => error instanceof kind);
}

// Of what a handler says itself the code is enough.
function stackOf(error: Error): string | undefined {
  return isPermanent(error) ? undefined : error.stack?.slice(0, stackMax);
}

const codeMax = 100;

/** Stable, snake_case: what dead letters are grouped by. */
export function errorCode(error: Error): string {
  if (error instanceof Rejected) return String(error.code).slice(0, codeMax);
  return String(error.name)
    .slice(0, codeMax)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
