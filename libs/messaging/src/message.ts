import type { ConsumeMessage } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { headerNames, numberHeader, stringHeader } from './envelope';

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
    /** The service that said it. */
    readonly appId: string | undefined,
    readonly correlationId: string | undefined,
    readonly traceparent: string | undefined,
    readonly timestamp: Date | undefined,
    /** The broker has handed it out before: the effect may already be there. */
    readonly redelivered: boolean,
  ) {}

  /** A message without an id, as a stock client may send, gets one that its retries keep. */
  static from(raw: ConsumeMessage, queue: string): Message {
    const { properties, fields } = raw;
    const headers: Record<string, unknown> = properties.headers ?? {};
    const seconds: unknown = properties.timestamp;
    return new Message(
      text(properties.messageId) ?? randomUUID(),
      text(properties.type) ?? '',
      queue,
      numberHeader(headers, headerNames.attempt) ?? 1,
      text(properties.appId),
      text(properties.correlationId),
      stringHeader(headers, headerNames.traceparent),
      typeof seconds === 'number' ? new Date(seconds * 1_000) : undefined,
      fields.redelivered,
    );
  }
}

/** One message of a batch. */
export interface Received<B> {
  body: B;
  message: Message;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
