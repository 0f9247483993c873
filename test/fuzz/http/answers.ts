export interface Answer {
  status: number;
  headers: ReadonlyMap<string, string>;
  body: Buffer;
  /** It goes on, and is not read any further. */
  isOpen: boolean;
}

const endOfHead = Buffer.from('\r\n\r\n');

/** Answers on one connection, in the order of their requests. */
export class Answers {
  readonly all: Answer[] = [];
  private rest = Buffer.alloc(0);

  /** @param methods of the requests: what HEAD asks for has no body */
  constructor(private readonly methods: readonly string[]) {}

  get isWhole(): boolean {
    return this.all.length === this.methods.length || this.all.at(-1)?.isOpen === true;
  }

  /** @throws Error at what is not HTTP */
  add(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    while (!this.isWhole && this.take());
  }

  /** The connection has ended: so has a body without a length. */
  end(): void {
    const head = this.rest.length > 0 ? headOf(this.rest) : undefined;
    if (!head || this.isWhole) return;
    this.push(head, this.rest.subarray(head.length));
  }

  private take(): boolean {
    const head = headOf(this.rest);
    if (!head) return false;
    const { status, headers, length } = head;
    const after = this.rest.subarray(length);
    if (status < 200) return this.skip(length);
    const isStream = /^text\/event-stream/.test(headers.get('content-type') ?? '');
    const method = this.methods[this.all.length];
    if (method === 'HEAD' || status === 204 || status === 304) {
      this.push(head, Buffer.alloc(0));
      return this.skip(length);
    }
    if (isStream || after.length > openAfter) {
      this.push(head, after, true);
      return false;
    }
    const body = bodyOf(headers, after);
    if (!body) return false;
    this.push(head, body.content);
    return this.skip(length + body.length);
  }

  private push({ status, headers }: Head, body: Buffer, isOpen = false): void {
    this.all.push({ status, headers, body, isOpen });
  }

  private skip(length: number): boolean {
    this.rest = this.rest.subarray(length);
    return true;
  }
}

/** More of one answer is not read: who asked goes away. */
const openAfter = 2 ** 20;

interface Head {
  status: number;
  headers: Map<string, string>;
  length: number;
}

function headOf(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf(endOfHead);
  if (end < 0) return undefined;
  const [line = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(line) ?? [];
  if (status === undefined) throw new Error(`no HTTP: ${line.slice(0, 100)}`);
  const headers = new Map<string, string>();
  for (const one of lines) {
    const colon = one.indexOf(':');
    headers.set(one.slice(0, colon).toLowerCase(), one.slice(colon + 1).trim());
  }
  return { status: Number(status), headers, length: end + endOfHead.length };
}

/** Undefined: it is not all there. */
function bodyOf(
  headers: ReadonlyMap<string, string>,
  bytes: Buffer,
): { content: Buffer; length: number } | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return chunksOf(bytes);
  const length = headers.get('content-length');
  if (length === undefined || bytes.length < Number(length)) return undefined;
  return { content: bytes.subarray(0, Number(length)), length: Number(length) };
}

function chunksOf(bytes: Buffer): { content: Buffer; length: number } | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = parseInt(bytes.toString('latin1', at, end), 16);
    const next = end + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return { content: Buffer.concat(chunks), length: next };
    chunks.push(bytes.subarray(end + 2, end + 2 + size));
    at = next;
  }
}
