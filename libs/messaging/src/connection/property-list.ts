import type { ChannelModel, MessageProperties } from 'amqplib';
import { FrameWriter } from './frame-writer';
import type { Properties } from './publish-frames';

/** The flag of each property, in the order in which they follow the flags. */
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
  clusterId: 0x0004,
} as const;

type Name = keyof typeof flags;
const names = Object.keys(flags) as Name[];
const notTexts = new Set<Name>(['headers', 'deliveryMode', 'priority', 'timestamp']);

interface Header {
  name: string;
  /** Name, type and value. */
  bytes: Buffer;
  /** Written here, not by the sender. */
  isOwn: boolean;
}

/** Says which headers were left out for want of room. */
export const droppedHeader = 'x-headers-dropped';
const droppedMax = 1_000;
const brokers = /^x-(death|(first|last)-death-.*)$/;

const writer = new FrameWriter();

/**
 * The properties of a message as bytes. amqplib makes JavaScript's values of them, which cannot
 * hold all that others send: whole numbers of 64 bits, texts that are not UTF-8, the kind of a
 * number. What is published once more goes out as it came.
 */
export class PropertyList {
  private readonly values = new Map<Name, Buffer>();
  private headers: Header[] = [];

  /** A copy: it may be changed. */
  static of(properties: MessageProperties): PropertyList {
    const kept = (properties as Kept)[asCame];
    if (kept === undefined) throw new Error('these properties did not come over the wire');
    if (Buffer.isBuffer(kept)) return PropertyList.parse(bytesOf(kept));
    const copy = new PropertyList();
    for (const [name, value] of kept.values) copy.values.set(name, value);
    copy.headers = [...kept.headers];
    return copy;
  }

  /** @param bytes flags and values, as `toBytes` returns them */
  static parse(bytes: Buffer): PropertyList {
    const list = new PropertyList();
    const present = bytes.readUInt16BE(0);
    let at = 2;
    for (const name of names) {
      if ((present & flags[name]) === 0) continue;
      const end = at + lengthOf(name, bytes, at);
      if (name === 'headers') list.headers = headersOf(bytes.subarray(at + 4, end));
      else list.values.set(name, bytes.subarray(at, end));
      at = end;
    }
    return list;
  }

  /** As amqplib reads it; undefined when it is not there, or empty. */
  textOf(name: Name): string | undefined {
    const text = this.values.get(name)?.toString('utf8', 1);
    return text === '' ? undefined : text;
  }

  /** For who reads: the texts, the time, and of the headers the texts and whole numbers. */
  read(): Properties {
    const entries = names.flatMap((name) => {
      const text = notTexts.has(name) ? undefined : this.textOf(name);
      return text === undefined ? [] : [[name, text] as const];
    });
    const time = this.values.get('timestamp');
    const timestamp = time && Number(time.readBigUInt64BE());
    return { ...Object.fromEntries(entries), timestamp, headers: this.readHeaders() };
  }

  private readHeaders(): Record<string, unknown> {
    const read = this.headers.flatMap(({ name, bytes }) => {
      const value = valueOf(bytes.subarray(1 + Buffer.byteLength(name)));
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(read);
  }

  /** Unless it has one. */
  putDefault(name: Name, value: Buffer): void {
    if (!this.values.has(name)) this.values.set(name, value);
  }

  /** @returns a list of this one alone */
  only(name: Name): PropertyList {
    const list = new PropertyList();
    const value = this.values.get(name);
    if (value !== undefined) list.values.set(name, value);
    return list;
  }

  delete(...gone: Name[]): void {
    for (const name of gone) this.values.delete(name);
  }

  deleteHeaders(isGone: (name: string) => boolean): void {
    this.headers = this.headers.filter(({ name }) => !isGone(name));
  }

  /** Lays these over; a header that is undefined is taken away. */
  set({ headers = {}, timestamp, list: _, ...texts }: Properties): void {
    for (const [name, text] of Object.entries(texts)) {
      if (text !== undefined) this.values.set(name as Name, shortText(name, text));
    }
    if (timestamp !== undefined) this.values.set('timestamp', uint64(timestamp));
    const own = Object.entries(headers);
    this.deleteHeaders((name) => Object.hasOwn(headers, name));
    for (const [name, value] of own) {
      if (value !== undefined) this.headers.push(ownHeader(name, value));
    }
  }

  /**
   * Flags and values. Where they are longer than `max` headers are left out, and named in a header
   * of their own: first what the broker wrote, then the largest of the sender's.
   */
  toBytes(max = Infinity): Buffer {
    const headers = this.headersWithin(max - this.lengthWithoutHeaders());
    const table = Buffer.concat([Buffer.alloc(4), ...headers.map(({ bytes }) => bytes)]);
    table.writeUInt32BE(table.length - 4);
    let present: number = flags.headers;
    const values = names.map((name) => {
      if (name === 'headers') return table;
      const value = this.values.get(name);
      if (value !== undefined) present |= flags[name];
      return value ?? Buffer.alloc(0);
    });
    return Buffer.concat([Buffer.of(present >>> 8, present), ...values]);
  }

  private lengthWithoutHeaders(): number {
    const lengths = [...this.values.values()].map(({ length }) => length);
    return lengths.reduce((sum, length) => sum + length, 2 + 4);
  }

  private headersWithin(max: number): Header[] {
    const lengthOfAll = (some: Header[]) => some.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (lengthOfAll(this.headers) <= max) return this.headers;
    const before = this.headers.find(({ name }) => name === droppedHeader);
    const dropped = before === undefined ? [] : [textOf(before)];
    const kept = new Set(this.headers.filter((header) => header !== before));
    const inOrder = [...kept].sort(
      (a, b) => rankOf(a) - rankOf(b) || b.bytes.length - a.bytes.length,
    );
    for (const header of inOrder) {
      kept.delete(header);
      dropped.push(`${header.name} (${header.bytes.length} bytes)`);
      const note = ownHeader(droppedHeader, dropped.join(', ').slice(0, droppedMax));
      const left = [...kept, note];
      if (lengthOfAll(left) <= max) return left;
    }
    return [];
  }
}

function rankOf({ name, isOwn }: Header): number {
  if (isOwn) return 2;
  return brokers.test(name) ? 0 : 1;
}

const asCame = Symbol('as it came');

/** The frame it came in and what followed it, or a list that was made of another. */
interface Kept {
  [asCame]?: Buffer | PropertyList;
}

/** Properties for one who reads, to which `list` belongs. */
export function withList<P extends object>(properties: P, list: PropertyList): P {
  return { ...properties, [asCame]: list };
}

/** What amqplib has under the hood, as far as it is used here. */
interface Connection {
  /** What was read and is not decoded. */
  rest: Buffer;
  recvFrame: () => { size?: number; fields: Kept } | false;
}

const frameHead = 7;
/** Class, weight, and the length of the content. */
const headerHead = 12;

/** Keeps the bytes of properties beside what amqplib makes of them: a reference, not a copy. */
export function keepBytes(model: ChannelModel): void {
  const connection = model.connection as unknown as Connection;
  const { recvFrame } = connection;
  connection.recvFrame = () => {
    const { rest } = connection;
    const frame = recvFrame.call(connection);
    // A frame that was not all there yet has come by a call of its own, and has its bytes.
    if (frame && frame.size !== undefined) frame.fields[asCame] ??= rest;
    return frame;
  };
}

function bytesOf(frame: Buffer): Buffer {
  return frame.subarray(frameHead + headerHead, frameHead + frame.readUInt32BE(3));
}

function lengthOf(name: Name, bytes: Buffer, at: number): number {
  if (name === 'deliveryMode' || name === 'priority') return 1;
  if (name === 'timestamp') return 8;
  return name === 'headers' ? 4 + bytes.readUInt32BE(at) : 1 + bytes.readUInt8(at);
}

function headersOf(table: Buffer): Header[] {
  const headers: Header[] = [];
  for (let at = 0; at < table.length;) {
    const valueAt = at + 1 + table.readUInt8(at);
    const name = table.toString('utf8', at + 1, valueAt);
    const end = valueAt + 1 + valueLength(table, valueAt);
    headers.push({ name, bytes: table.subarray(at, end), isOwn: false });
    at = end;
  }
  return headers;
}

/** Of a header's value, by the letter of its type; what is not here has its length before it. */
const lengths: Record<string, number> = {
  ...{ V: 0, t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, f: 4, D: 5, l: 8, d: 8, T: 8 },
};

function valueLength(table: Buffer, typeAt: number): number {
  const type = table.toString('latin1', typeAt, typeAt + 1);
  return lengths[type] ?? 4 + table.readUInt32BE(typeAt + 1);
}

/** @param typed its type, then its value. @returns undefined of what is no text and no number */
function valueOf(typed: Buffer): string | number | boolean | undefined {
  const value = typed.subarray(1);
  switch (typed.toString('latin1', 0, 1)) {
    case 'S':
      return value.toString('utf8', 4);
    case 't':
      return value.readUInt8() !== 0;
    case 'b':
      return value.readInt8();
    case 's':
      return value.readInt16BE();
    case 'I':
      return value.readInt32BE();
    case 'l':
      return Number(value.readBigInt64BE());
    default:
      return undefined;
  }
}

function ownHeader(name: string, value: unknown): Header {
  writer.begin();
  writer.headers({ [name]: value });
  if (!writer.isWhole) throw new TypeError(`header ${name}: not a text or a whole number`);
  return { name, bytes: writer.copy().subarray(4), isOwn: true };
}

/** @returns the text of a header that `ownHeader` made */
function textOf({ name, bytes }: Header): string {
  return bytes.toString('utf8', 1 + Buffer.byteLength(name) + 5);
}

function shortText(name: string, text: string): Buffer {
  writer.begin();
  writer.shortText(text);
  if (!writer.isWhole) throw new TypeError(`${name} is longer than 255 bytes`);
  return writer.copy();
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
