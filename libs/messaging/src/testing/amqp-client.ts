import type { Channel, ConsumeMessage, GetMessage, Options } from 'amqplib';
import { v7 } from 'uuid';

/** A message as it lay on the broker. */
export interface Seen<B = unknown> {
  /** Parsed JSON; text when it is none. */
  body: B;
  headers: Record<string, unknown>;
  properties: ConsumeMessage['properties'];
  routingKey: string;
}

export interface Listener<B = unknown> {
  /** Every message that came so far; it grows. */
  readonly messages: Seen<B>[];
  stop(): Promise<void>;
}

export type AskOptions = Options.Publish & {
  withinMs?: number;
  ownQueue?: boolean;
  /** That takes it to the queue; the default one when not given. */
  exchange?: string;
};

interface Asking extends AskOptions {
  /** What its own queue is bound to, by its name. */
  answersBy?: string;
}

export async function consume<B>(channel: Channel, queue: string): Promise<Listener<B>> {
  const messages: Seen<B>[] = [];
  const take = (message: ConsumeMessage | null) => {
    if (message) messages.push(...seenEach<B>(message));
  };
  await channel.consume(queue, take, { noAck: true });
  return { messages, stop: () => channel.close() };
}

/** @throws when no reply has come within `withinMs` */
export async function ask(
  channel: Channel,
  queue: string,
  content: unknown,
  { withinMs = 5_000, ownQueue = false, exchange = '', answersBy, ...options }: Asking,
): Promise<Seen> {
  const replyTo = ownQueue
    ? (await channel.assertQueue('', { exclusive: true })).queue
    : 'amq.rabbitmq.reply-to';
  if (answersBy !== undefined) await channel.bindQueue(replyTo, answersBy, replyTo);
  let answer: (reply: Seen) => void;
  const reply = new Promise<Seen>((resolve, reject) => {
    answer = resolve;
    const late = () => reject(new Error(`${queue}: no reply in ${withinMs} ms`));
    setTimeout(late, withinMs).unref();
  });
  await channel.consume(replyTo, (message) => message && answer(seen(message)), { noAck: true });
  const asked = { contentType: 'application/json', correlationId: v7(), replyTo, ...options };
  channel.publish(exchange, queue, encode(content), asked);
  return reply;
}

export function seen<B = unknown>(message: ConsumeMessage | GetMessage): Seen<B> {
  const { content, properties } = message;
  const { routingKey } = message.fields;
  return { body: decode(content) as B, headers: { ...properties.headers }, properties, routingKey };
}

interface CloudEvent<B> {
  id: string;
  type: string;
  correlationid: string;
  traceparent?: string;
  data: B;
}

/** The messages of a bundle, as whoever knows CloudEvents reads them; any other is one. */
function seenEach<B>(message: ConsumeMessage): Seen<B>[] {
  const whole = seen<CloudEvent<B>[]>(message);
  const { properties, headers } = whole;
  if (properties.contentType !== 'application/cloudevents-batch+json') return [seen<B>(message)];
  return whole.body.map(({ id: messageId, correlationid, type, traceparent, data }) => ({
    ...whole,
    body: data,
    headers: { ...headers, traceparent },
    properties: { ...properties, messageId, type, correlationId: correlationid },
  }));
}

export function encode(content: unknown): Buffer {
  return Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
}

function decode(content: Buffer): unknown {
  const text = content.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
