import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib';
import { FrameWriter } from './frame-writer';
import type { PropertyList } from './property-list';

/** What is said of a message. Names and meaning as in amqplib's options. */
export interface Properties {
  contentType?: string;
  headers?: Record<string, unknown>;
  correlationId?: string;
  replyTo?: string;
  /** Milliseconds. */
  expiration?: string;
  messageId?: string;
  /** Epoch seconds. */
  timestamp?: number;
  type?: string;
  appId?: string;
  /** Of a message that is published once more: all of the above, as it came. */
  list?: PropertyList;
}

export interface Place {
  exchange: string;
  routingKey: string;
}

/** What the broker is to do about it. */
export interface Terms {
  /** Return it when no queue takes it. */
  mandatory?: boolean;
  /** Have it on disk before it is confirmed. */
  persistent?: boolean;
}

interface Fields extends Place {
  mandatory?: boolean;
  deliveryMode?: number;
}

type SendMessage = (
  channel: number,
  publish: unknown,
  fields: Fields,
  basicProperties: unknown,
  properties: Properties,
  content: Buffer,
) => boolean;

/** What amqplib has under the hood, as far as it is used here. */
interface Connection {
  /** Replaced by one that throws when the connection ends, as is that of each channel. */
  sendMessage: SendMessage;
  sendContent: (channel: number, content: Buffer) => boolean;
  channels: { buffer: { write: (frames: Buffer) => boolean } }[];
  frameMax: number;
  sentSinceLastCheck: boolean;
}

interface Publishing {
  sendMessage: (fields: Fields, properties: Properties, content: Buffer) => boolean;
  pushConfirmCallback: (confirmed: (error: unknown) => void) => void;
}

/** Neither of the two. */
export const atOnce: Terms = {};
const forGood: Terms = { mandatory: true, persistent: true };

/**
 * `channel.publish` without the copies that amqplib makes of the options. Only on a connection
 * that encodes at once.
 * @returns false when the channel's buffer is full: `drain` follows
 * @throws IllegalOperationError when the channel is closed
 */
export function publish(
  channel: Channel,
  { exchange, routingKey }: Place,
  content: Buffer,
  properties: Properties,
  { mandatory, persistent }: Terms = atOnce,
): boolean {
  const fields = { exchange, routingKey, mandatory, deliveryMode: persistent ? 2 : undefined };
  return (channel as unknown as Publishing).sendMessage(fields, properties, content);
}

/**
 * Publishes on a channel with confirms; to stay, unless told otherwise: mandatory and persistent.
 * @param confirmed gets null, or an error when the broker refused or the channel ended
 * @returns and throws as `publish` does
 */
export function publishConfirmed(
  channel: ConfirmChannel,
  place: Place,
  content: Buffer,
  properties: Properties,
  confirmed: (error: unknown) => void,
  terms = forGood,
): boolean {
  const isWritable = publish(channel, place, content, properties, terms);
  (channel as unknown as Publishing).pushConfirmCallback(confirmed);
  return isWritable;
}

/** amqplib tells a nack from a channel that closed under way by its text alone. */
export function isNack(error: unknown): boolean {
  return error instanceof Error && error.message === 'message nacked';
}

/** amqplib makes four buffers of a message; for what is simple, as nearly all is, one will do. */
export function encodeAtOnce(model: ChannelModel): void {
  const connection = model.connection as unknown as Connection;
  const { sendMessage } = connection;
  connection.sendMessage = (channel, publish, fields, basicProperties, properties, content) => {
    const { frameMax } = connection;
    if (properties.list !== undefined) {
      const { length } = content;
      const head = listFrames(channel, fields, properties.list, length, frameMax);
      const isWritable = connection.channels[channel]?.buffer.write(head) ?? false;
      return length === 0 ? isWritable : connection.sendContent(channel, content);
    }
    const frames = publishFrames(channel, fields, properties, content, frameMax);
    if (frames === undefined) {
      const whole = { ...properties, deliveryMode: fields.deliveryMode };
      return sendMessage.call(
        connection,
        channel,
        publish,
        fields,
        basicProperties,
        whole,
        content,
      );
    }
    connection.sentSinceLastCheck = true;
    return connection.channels[channel]?.buffer.write(frames) ?? false;
  };
}

const writer = new FrameWriter();
/** Above it a copy costs more than the frames in pieces. */
const contentMax = 16 * 1_024;
const frameOverhead = 8;
/** Class, weight, and the length of the content. */
const headerHead = 12;
const frameEnd = 0xce;

/**
 * A message as it goes over the wire: basic.publish, its properties, its content.
 * @returns undefined where amqplib is to do it
 */
export function publishFrames(
  channel: number,
  fields: Fields,
  properties: Properties,
  content: Buffer,
  frameMax: number,
): Buffer | undefined {
  if (!Buffer.isBuffer(content) || !hasOnlyKnown(properties)) return undefined;
  const { length } = content;
  if (length > contentMax || length + frameOverhead > frameMax) return undefined;
  writer.begin();
  putMethod(channel, fields);
  putProperties(channel, properties, fields.deliveryMode, length);
  if (!writer.isWhole) return undefined;
  const { at } = writer;
  const frames = Buffer.allocUnsafe(length === 0 ? at : at + length + frameOverhead);
  writer.copyTo(frames);
  if (length === 0) return frames;
  frames[at] = 3;
  frames.writeUInt16BE(channel, at + 1);
  frames.writeUInt32BE(length, at + 3);
  content.copy(frames, at + 7);
  frames[at + 7 + length] = frameEnd;
  return frames;
}

/** The frames before the content: its head must fit into one, and what does not is left out. */
function listFrames(
  channel: number,
  fields: Fields,
  list: PropertyList,
  length: number,
  frameMax: number,
): Buffer {
  writer.begin();
  putMethod(channel, fields);
  if (!writer.isWhole) throw new TypeError('exchange or routing key is longer than 255 bytes');
  const method = writer.copy();
  if (fields.deliveryMode !== undefined)
    list.putDefault('deliveryMode', Buffer.of(fields.deliveryMode));
  const bytes = list.toBytes(frameMax - frameOverhead - headerHead);
  writer.begin();
  writer.u8(2);
  writer.u16(channel);
  writer.u32(headerHead + bytes.length);
  writer.u32(0x003c_0000);
  writer.u64(length);
  return Buffer.concat([method, writer.copy(), bytes, Buffer.of(frameEnd)]);
}

/** Of amqplib's other options none is used here. */
function hasOnlyKnown(properties: object): boolean {
  const { priority, contentEncoding, userId } = properties as Record<string, unknown>;
  return priority === undefined && contentEncoding === undefined && userId === undefined;
}

function putMethod(channel: number, { exchange, routingKey, mandatory }: Fields): void {
  const start = begin(1, channel);
  writer.u32(0x003c_0028);
  writer.u16(0);
  writer.shortText(exchange);
  writer.shortText(routingKey);
  writer.u8(mandatory ? 1 : 0);
  end(start);
}

function putProperties(
  channel: number,
  properties: Properties,
  deliveryMode: number | undefined,
  length: number,
): void {
  const { contentType, headers, correlationId, replyTo, expiration } = properties;
  const { messageId, timestamp, type, appId } = properties;
  const start = begin(2, channel);
  writer.u32(0x003c_0000);
  writer.u64(length);
  const flagsAt = writer.at;
  writer.u16(0);
  // In the order of the flags, from the highest bit on.
  let flags = 0x2000;
  if (contentType !== undefined) flags |= text(0x8000, contentType);
  writer.headers(headers ?? {});
  if (deliveryMode !== undefined) {
    flags |= 0x1000;
    writer.u8(deliveryMode);
  }
  if (correlationId !== undefined) flags |= text(0x0400, correlationId);
  if (replyTo !== undefined) flags |= text(0x0200, replyTo);
  if (expiration !== undefined) flags |= text(0x0100, expiration);
  if (messageId !== undefined) flags |= text(0x0080, messageId);
  if (timestamp !== undefined) {
    flags |= 0x0040;
    writer.u64(timestamp);
  }
  if (type !== undefined) flags |= text(0x0020, type);
  if (appId !== undefined) flags |= text(0x0008, appId);
  writer.u16At(flags, flagsAt);
  end(start);
}

function text(flag: number, value: string): number {
  writer.shortText(value);
  return flag;
}

/** @returns where the frame's payload begins */
function begin(type: number, channel: number): number {
  writer.u8(type);
  writer.u16(channel);
  writer.u32(0);
  return writer.at;
}

function end(start: number): void {
  writer.u32At(writer.at - start, start - 4);
  writer.u8(frameEnd);
}
