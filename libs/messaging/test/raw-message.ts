import { eventually } from '@tradepost/test-kit';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import type { Readable } from 'node:stream';

/** Messages as bytes: what clients in other languages send, and amqplib cannot. */

/** The properties a raw message may have, in their order on the wire. */
const flags = {
  contentType: 0x8000,
  contentEncoding: 0x4000,
  headers: 0x2000,
  deliveryMode: 0x1000,
  priority: 0x0800,
  correlationId: 0x0400,
  replyTo: 0x0200,
  expiration: 0x0100,
  messageId: 0x0080,
  timestamp: 0x0040,
  type: 0x0020,
  userId: 0x0010,
  appId: 0x0008,
} as const;

export type RawProperties = Partial<Record<keyof typeof flags, Buffer>>;

export function short(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

export function long(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** @param entries name, the letter of its type, its value */
export function table(...entries: [name: string | Buffer, type: string, value: Buffer][]): Buffer {
  const bytes = entries.map(([name, type, value]) =>
    Buffer.concat([short(name), Buffer.from(type), value]),
  );
  return long(Buffer.concat(bytes));
}

export function rawProperties(properties: RawProperties): Buffer {
  let present = 0;
  const values = Object.entries(flags).map(([name, flag]) => {
    const value = properties[name as keyof typeof flags];
    if (value !== undefined) present |= flag;
    return value ?? Buffer.alloc(0);
  });
  return Buffer.concat([Buffer.of(present >>> 8, present & 0xff), ...values]);
}

interface Internals {
  ch: number;
  connection: { channels: { buffer: { write: (bytes: Buffer) => boolean } }[] };
  pushConfirmCallback: (confirmed: (error: unknown) => void) => void;
}

/** A connection for raw messages: frames go out as given, and are noted as they come. */
export class RawClient {
  private constructor(
    private readonly model: ChannelModel,
    private readonly channel: ConfirmChannel,
  ) {}

  static async open(url: string): Promise<RawClient> {
    const model = await connect(url);
    model.on('error', () => undefined);
    return new RawClient(model, await model.createConfirmChannel());
  }

  /** Takes the oldest message, and rejects it back to its queue. */
  async giveBack(queue: string): Promise<void> {
    const got = await eventually(async () => {
      const message = await this.channel.get(queue);
      if (message === false) throw new Error(`${queue} is empty`);
      return message;
    });
    this.channel.reject(got, true);
  }

  /** @param place a queue, or exchange and key. Resolves when the broker has it. */
  async send(
    place: string | [exchange: string, key: Buffer],
    properties: Buffer,
    content: Buffer,
  ): Promise<void> {
    const [exchange, key] = typeof place === 'string' ? ['', place] : place;
    const { ch, connection } = this.channel as unknown as Internals;
    const head = Buffer.from([0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(content.length, 8);
    const publish = Buffer.concat([
      Buffer.of(0, 60, 0, 40, 0, 0),
      short(exchange),
      short(key),
      Buffer.of(0),
    ]);
    const frames = [
      frame(1, ch, publish),
      frame(2, ch, Buffer.concat([head, properties])),
      frame(3, ch, content),
    ];
    const confirmed = new Promise<void>((resolve, reject) => {
      const settle = (error: unknown) => (error instanceof Error ? reject(error) : resolve());
      (this.channel as unknown as Internals).pushConfirmCallback(settle);
    });
    connection.channels[ch]?.buffer.write(Buffer.concat(frames));
    await confirmed;
  }

  /** Takes the oldest message. @returns its properties as bytes; undefined: the queue is empty */
  async take(queue: string): Promise<{ properties: Buffer; content: Buffer } | undefined> {
    const { stream } = this.model.connection as unknown as { stream: Readable };
    const chunks: Buffer[] = [];
    const read = stream.read.bind(stream);
    stream.read = (size?: number): Buffer | null => {
      const chunk = read(size) as Buffer | null;
      if (chunk !== null) chunks.push(chunk);
      return chunk;
    };
    const got = await this.channel.get(queue, { noAck: true });
    stream.read = read;
    if (got === false) return undefined;
    return { properties: headOf(Buffer.concat(chunks)), content: got.content };
  }

  async close(): Promise<void> {
    await this.model.close().catch(() => undefined);
  }
}

function frame(type: number, channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(type);
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.of(0xce)]);
}

/** The properties in the first head of a message. */
function headOf(frames: Buffer): Buffer {
  for (let at = 0; ;) {
    const length = frames.readUInt32BE(at + 3);
    if (frames.readUInt8(at) === 2) return frames.subarray(at + 7 + 12, at + 7 + length);
    at += 7 + length + 1;
  }
}

/** @returns the bytes of each header, type and value, by name in latin-1 */
export function headersIn(properties: Buffer): Record<string, string> {
  const present = properties.readUInt16BE(0);
  let at = 2;
  for (const flag of [flags.contentType, flags.contentEncoding]) {
    if (present & flag) at += 1 + properties.readUInt8(at);
  }
  if ((present & flags.headers) === 0) return {};
  const end = at + 4 + properties.readUInt32BE(at);
  const headers: Record<string, string> = {};
  for (at += 4; at < end;) {
    const valueAt = at + 1 + properties.readUInt8(at);
    const next = valueAt + 1 + lengthOf(properties, valueAt);
    headers[properties.toString('latin1', at + 1, valueAt)] = properties.toString(
      'hex',
      valueAt,
      next,
    );
    at = next;
  }
  return headers;
}

function lengthOf(bytes: Buffer, at: number): number {
  const type = String.fromCharCode(bytes.readUInt8(at));
  const fixed = { V: 0, t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, f: 4, D: 5 } as const;
  if (type in fixed) return fixed[type as keyof typeof fixed];
  return 'ldT'.includes(type) ? 8 : 4 + bytes.readUInt32BE(at + 1);
}
