import type { ConsumeMessage } from 'amqplib';
import { jsonOf, objectOf } from './body';
import { plainContent } from './content';
import type { Envelope } from './envelope';
import { BadJson } from './errors';

/** Messages of one AMQP message: CloudEvents 1.0 in the JSON batch format. */
export const bundleType = 'application/cloudevents-batch+json';

/**
 * Of a bundle: few enough messages to share among workers, enough that its own cost does not count;
 * and short enough for a row of the outbox on one page, where PostgreSQL leaves it as it is.
 */
const bundleMax = { messages: 16, characters: 7_000 };

/** What a message has besides its body, about. */
const attributesLength = 230;

/** A message of a bundle as it came: nothing of it is checked. */
export interface Event {
  id?: unknown;
  source?: unknown;
  type?: unknown;
  time?: unknown;
  correlationid?: unknown;
  traceparent?: unknown;
  data?: unknown;
}

/**
 * A message in a line of its own, as the outbox keeps it: JSON has no line feeds. What all events
 * of a service have in common is missing.
 * @param body JSON
 */
export function eventLine(envelope: Envelope, body: string): string {
  const { messageId: id, type, timestamp: time, correlationId, traceparent } = envelope;
  const attributes = JSON.stringify({ id, type, time, correlationid: correlationId, traceparent });
  return `${attributes.slice(0, -1)},"data":${body}}`;
}

/** The messages of each bundle, in their order: as many as may share one. */
export function inBundles(messages: [Envelope, body: string][]): [Envelope, string][][] {
  const bundles: [Envelope, string][][] = [];
  let open: [Envelope, string][] = [];
  let characters = 0;
  for (const message of messages) {
    const length = message[1].length + attributesLength;
    characters += length;
    if (open.length % bundleMax.messages === 0 || characters > bundleMax.characters) {
      bundles.push((open = []));
      characters = length;
    }
    open.push(message);
  }
  return bundles;
}

/** The content of a bundle. @param lines one event each, separated by line feeds */
export function bundleOf(lines: string, service: string): string {
  const common = `{"specversion":"1.0","source":${JSON.stringify(`/${service}`)},`;
  const events = lines.split('\n').map((line) => common + line.slice(1));
  return `[${events.join(',')}]`;
}

const eventTraceparent = /"traceparent":"([^"]+)"/;

/** @param lines one event each: its own attributes come before what the body may say */
export function eventTraceparents(lines: string): (string | undefined)[] {
  return lines.split('\n').map((line) => eventTraceparent.exec(line)?.[1]);
}

export function isBundle({ properties }: ConsumeMessage): boolean {
  return properties.contentType === bundleType;
}

/** @throws BadJson the content is not a list of objects; UnknownEncoding */
export function eventsOf(raw: ConsumeMessage): Event[] {
  const value = jsonOf(plainContent(raw));
  if (Array.isArray(value)) return value.map(objectOf);
  throw new BadJson('not a list of CloudEvents');
}
