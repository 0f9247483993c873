/** A frame of AMQP 0-9-1, section 2.3.5; the protocol header counts as one of type 0. */
export interface Frame {
  type: number;
  channel: number;
  payload: Buffer;
  bytes: Buffer;
}

const method = 1;
const queueClass = 50;
const declare = 10;
const basic = 60;
const consume = 20;
const consumeOk = 21;
const cancel = 30;
const frameEnd = 0xce;

/** Cuts one direction of a connection into frames. */
export class Frames {
  private rest = Buffer.alloc(0);

  /** @returns the frames that `data` completes */
  push(data: Buffer): Frame[] {
    this.rest = Buffer.concat([this.rest, data]);
    const frames: Frame[] = [];
    for (;;) {
      const length = this.lengthOfFirst();
      if (length === undefined || this.rest.length < length) return frames;
      const bytes = this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      frames.push(toFrame(bytes));
    }
  }

  private lengthOfFirst(): number | undefined {
    if (this.rest.length < 8) return undefined;
    return isHeader(this.rest) ? 8 : this.rest.readUInt32BE(3) + 8;
  }
}

/** @returns the queue, of a `basic.consume` */
export function readConsume(frame: Frame): string | undefined {
  // After class, method and a reserved number.
  return isBasic(frame, consume) ? shortString(frame.payload, 6) : undefined;
}

/** @returns the consumer's tag, of a `basic.consume-ok` */
export function readConsumeOk(frame: Frame): string | undefined {
  return isBasic(frame, consumeOk) ? shortString(frame.payload, 4) : undefined;
}

/** Of a `queue.declare` that only checks whether the queue is there. */
export function isPassiveDeclare({ type, payload }: Frame): boolean {
  if (type !== method || payload.length < 8) return false;
  if (payload.readUInt16BE(0) !== queueClass || payload.readUInt16BE(2) !== declare) return false;
  // After a reserved number and the name: the flags, of which this is the lowest.
  return (payload.readUInt8(7 + payload.readUInt8(6)) & 1) === 1;
}

/** A `basic.cancel` with no-wait: the broker does not answer it. */
export function cancelFrame(channel: number, tag: string): Buffer {
  const name = Buffer.from(tag);
  const payload = Buffer.concat([
    Buffer.from([0, basic, 0, cancel, name.length]),
    name,
    Buffer.from([1]),
  ]);
  const head = Buffer.alloc(7);
  head.writeUInt8(method, 0);
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([frameEnd])]);
}

function toFrame(bytes: Buffer): Frame {
  if (isHeader(bytes)) return { type: 0, channel: 0, payload: Buffer.alloc(0), bytes };
  const payload = bytes.subarray(7, -1);
  return { type: bytes.readUInt8(0), channel: bytes.readUInt16BE(1), payload, bytes };
}

function isHeader(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === 'AMQP';
}

function isBasic({ type, payload }: Frame, methodId: number): boolean {
  if (type !== method || payload.length < 5) return false;
  return payload.readUInt16BE(0) === basic && payload.readUInt16BE(2) === methodId;
}

function shortString(payload: Buffer, at: number): string {
  return payload.toString('utf8', at + 1, at + 1 + payload.readUInt8(at));
}
