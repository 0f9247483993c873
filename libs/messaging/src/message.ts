import type { ConsumeMessage } from 'amqplib';
import { randomUUID } from 'node:crypto';
import type { Event } from './bundle';
import { countHeader, headerNames, stringHeader, timeOf } from './envelope';
import type { Wiring } from './handlers/handler';
import { isStorable } from './validation/storable';

/** What a handler may know of a message besides its body. */
export class Message {
  constructor(
    /** The same in every copy and every retry of one message. */
    readonly id: string,
    readonly type: string,
    /** The queue it was taken from. */
    readonly queue: string,
    /** 1 at first, one more after each failure. */
    readonly attempt: number,
    /** As many attempts its handler's retry list allows. */
    readonly attemptsMax: number,
    /** The service that said it. */
    readonly appId: string | undefined,
    readonly correlationId: string | undefined,
    readonly traceparent: string | undefined,
    readonly timestamp: Date | undefined,
    /** The broker has handed it out before: the effect may already be there. */
    readonly redelivered: boolean,
  ) {}

  /** If this attempt fails, the message is dead-lettered. */
  get isLastAttempt(): boolean {
    return this.attempt >= this.attemptsMax;
  }

  /** A message without an id gets one that its retries and its dead letter keep. */
  static from(raw: ConsumeMessage, wiring: Wiring): Message {
    const { properties, fields } = raw;
    const headers: Record<string, unknown> = properties.headers ?? {};
    return new Message(
      messageIdOf(raw) ?? randomUUID(),
      text(properties.type) ?? '',
      wiring.queue,
      countHeader(headers, headerNames.attempt) ?? 1,
      attemptsMaxOf(wiring),
      text(properties.appId),
      text(properties.correlationId),
      stringHeader(headers, headerNames.traceparent),
      timeOf(properties.timestamp),
      fields.redelivered,
    );
  }

  /** One of a bundle: its first attempt, since it fails alone. */
  static fromEvent(event: Event, wiring: Wiring): Message {
    const seconds = Math.floor(Date.parse(text(event.time) ?? '') / 1_000);
    return new Message(
      short(event.id) ?? randomUUID(),
      short(event.type) ?? '',
      wiring.queue,
      1,
      attemptsMaxOf(wiring),
      short(event.source)?.replace(/^\//, ''),
      short(event.correlationid),
      short(event.traceparent),
      timeOf(seconds),
      false,
    );
  }
}

function attemptsMaxOf({ kind, retry }: Wiring): number {
  return kind === 'rpc' ? 1 : retry.length + 1;
}

/** One message of a batch. */
export interface Received<B> {
  body: B;
  message: Message;
}

/** A message of a batch that is not done: `Rejected` is final, any other error is tried again. */
export interface Failed {
  message: Message;
  error: Error;
}

/** Of a batch, by what came of each of its messages, in their order; undefined: it is done. */
export function failures(
  batch: readonly Pick<Received<unknown>, 'message'>[],
  errors: readonly (Error | undefined)[],
): Failed[] {
  return batch.flatMap(({ message }, index) => {
    const error = errors[index];
    return error === undefined ? [] : [{ message, error }];
  });
}

export function messageIdOf({ properties }: ConsumeMessage): string | undefined {
  return text(properties.messageId);
}

const shortMax = 255;

/** What a property can hold, which this becomes when the event goes on alone. */
function short(value: unknown): string | undefined {
  const found = text(value);
  return found === undefined || Buffer.byteLength(found) > shortMax ? undefined : found;
}

// Of what is not UTF-8 amqplib makes U+FFFD: two ids could be one.
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.includes('\uFFFD') || !isStorable(value) ? undefined : value;
}
