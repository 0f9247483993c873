const shortTextMax = 255;

/** Puts AMQP's types one after the other. What is not `simple` is left to amqplib to encode. */
export class FrameWriter {
  private readonly bytes = Buffer.alloc(16 * 1_024);
  /** Where the next byte goes. */
  at = 0;
  private isSimple = true;

  begin(): void {
    this.at = 0;
    this.isSimple = true;
  }

  /** Whether all that was put is there as amqplib would put it. */
  get isWhole(): boolean {
    return this.isSimple && this.at <= this.bytes.length;
  }

  copyTo(target: Buffer): void {
    this.bytes.copy(target, 0, 0, this.at);
  }

  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.at));
  }

  u8(value: number): void {
    this.bytes[this.at] = value;
    this.at += 1;
  }

  u16(value: number): void {
    this.u16At(value, this.at);
    this.at += 2;
  }

  u32(value: number): void {
    this.u32At(value, this.at);
    this.at += 4;
  }

  u16At(value: number, at: number): void {
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
  }

  u32At(value: number, at: number): void {
    this.bytes[at] = value >>> 24;
    this.bytes[at + 1] = value >>> 16;
    this.bytes[at + 2] = value >>> 8;
    this.bytes[at + 3] = value;
  }

  /** A whole number above 0 that a double holds. */
  u64(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) this.isSimple = false;
    this.u32(Math.floor(value / 2 ** 32));
    this.u32(value);
  }

  shortText(text: string): void {
    const start = this.at;
    this.at += 1;
    this.text(text);
    const length = this.at - start - 1;
    if (length > shortTextMax) this.isSimple = false;
    this.bytes[start] = length;
  }

  /** A field table. */
  headers(headers: Record<string, unknown>): void {
    const start = this.at;
    this.at += 4;
    for (const name in headers) {
      const value = headers[name];
      if (value === undefined) continue;
      this.shortText(name);
      this.headerValue(value);
    }
    this.u32At(this.at - start - 4, start);
  }

  private headerValue(value: unknown): void {
    if (typeof value === 'string') {
      const start = this.at + 1;
      this.u8(0x53);
      this.at += 4;
      this.text(value);
      this.u32At(this.at - start - 4, start);
    } else if (typeof value === 'number' && Number.isSafeInteger(value)) this.integer(value);
    else this.isSimple = false;
  }

  // In the shortest of AMQP's signed types, as amqplib does it.
  private integer(value: number): void {
    if (value >= -0x80 && value < 0x80) {
      this.u8(0x62);
      this.u8(value);
    } else if (value >= -0x8000 && value < 0x8000) {
      this.u8(0x73);
      this.u16(value);
    } else if (value >= -0x80000000 && value < 0x80000000) {
      this.u8(0x49);
      this.u32(value);
    } else {
      this.u8(0x6c);
      this.u32(Math.floor(value / 2 ** 32));
      this.u32(value);
    }
  }

  // For short texts of plain ASCII a loop is faster than a call out of JavaScript.
  private text(text: string): void {
    const { bytes, at } = this;
    if (typeof text !== 'string') this.isSimple = false;
    else if (text.length > 64) this.at += this.utf8(text);
    else {
      for (let i = 0; i < text.length; i += 1) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) {
          this.at += this.utf8(text);
          return;
        }
        bytes[at + i] = code;
      }
      this.at += text.length;
    }
  }

  /** @returns how long it is, also when it does not fit */
  private utf8(text: string): number {
    const length = Buffer.byteLength(text);
    if (this.at + length > this.bytes.length) this.isSimple = false;
    else this.bytes.write(text, this.at);
    return length;
  }
}
