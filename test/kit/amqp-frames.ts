/** A frame of AMQP 0-9-1, section 2.3.5; the protocol header counts as one of type 0. */
export interface Frame {
  type: number;
  channel: number;
  payload: Buffer;
  bytes: Buffer;
}

const method = 1;
/** Class and method. */
const connectionClose = [10, 50] as const;
const connectionBlocked = [10, 60] as const;
const connectionUnblocked = [10, 61] as const;
const queueDeclare = [50, 10] as const;
const basicConsume = [60, 20] as const;
const basicConsumeOk = [60, 21] as const;
const basicCancel = [60, 30] as const;
const frameEnd = 0xce;

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
  return isMethod(frame, basicConsume) ? shortString(frame.payload, 6) : undefined;
}

/** @returns the consumer's tag, of a `basic.consume-ok` */
export function readConsumeOk(frame: Frame): string | undefined {
  return isMethod(frame, basicConsumeOk) ? shortString(frame.payload, 4) : undefined;
}

/** Of a `queue.declare` that only checks whether the queue is there. */
export function isPassiveDeclare(frame: Frame): boolean {
  if (!isMethod(frame, queueDeclare)) return false;
  const { payload } = frame;
  // After a reserved number and the name: the flags, of which this is the lowest.
  return (payload.readUInt8(7 + payload.readUInt8(6)) & 1) === 1;
}

/** A `basic.cancel` with no-wait: the broker does not answer it. */
export function cancelFrame(channel: number, tag: string): Buffer {
  const name = [...Buffer.from(tag)];
  return methodFrame(channel, basicCancel, [name.length, ...name, 1]);
}

/** The broker ends the connection, as it does when a process of its own has crashed. */
export function crashFrame(): Buffer {
  const text = [...Buffer.from('INTERNAL_ERROR')];
  const code = [541 >> 8, 541 & 0xff];
  return methodFrame(0, connectionClose, [...code, text.length, ...text, 0, 0, 0, 0]);
}

/** The broker takes nothing for the moment. */
export function blockedFrame(reason: string): Buffer {
  const text = [...Buffer.from(reason)];
  return methodFrame(0, connectionBlocked, [text.length, ...text]);
}

export function unblockedFrame(): Buffer {
  return methodFrame(0, connectionUnblocked, []);
}

function methodFrame(channel: number, [classId, methodId]: Method, args: number[]): Buffer {
  const payload = [0, classId, 0, methodId, ...args];
  const frame = Buffer.from([method, 0, 0, 0, 0, 0, 0, ...payload, frameEnd]);
  frame.writeUInt16BE(channel, 1);
  frame.writeUInt32BE(payload.length, 3);
  return frame;
}

function toFrame(bytes: Buffer): Frame {
  if (isHeader(bytes)) return { type: 0, channel: 0, payload: Buffer.alloc(0), bytes };
  const payload = bytes.subarray(7, -1);
  return { type: bytes.readUInt8(0), channel: bytes.readUInt16BE(1), payload, bytes };
}

function isHeader(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 4) === 'AMQP';
}

type Method = readonly [classId: number, methodId: number];

function isMethod({ type, payload }: Frame, [classId, methodId]: Method): boolean {
  if (type !== method || payload.length < 5) return false;
  return payload.readUInt16BE(0) === classId && payload.readUInt16BE(2) === methodId;
}

function shortString(payload: Buffer, at: number): string {
  return payload.toString('utf8', at + 1, at + 1 + payload.readUInt8(at));
}
