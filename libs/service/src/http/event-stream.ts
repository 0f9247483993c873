import { Readable } from 'node:stream';

/** A reader whose stream has ended reconnects after so long. */
const retryMs = 1_000;
/** Bytes that may wait for a reader; beyond that nothing more is to be read for it. */
const waitingMax = 16_384;

export interface ServerSentEvent {
  /** Where the reader goes on from when it comes again: its `Last-Event-ID`. */
  id?: string | number;
  /** `message` when it has no name. */
  event?: string;
  data: unknown;
}

/** Server-sent events (HTML, 9.2) for one reader, which is cut off when it stalls. */
export class EventStream extends Readable {
  /** The reader reads nothing: since before the last heartbeat, since after it, or it reads. */
  private stalled: 'long' | 'lately' | false = false;
  private over = false;

  constructor() {
    super({ highWaterMark: waitingMax });
    // At once, so that the reader has the headers though nothing happens.
    this.write(`retry: ${retryMs}\n\n`);
  }

  /** Whether it can take more now. */
  get ready(): boolean {
    return !this.stalled && !this.over && !this.destroyed;
  }

  send({ id, event, data }: ServerSentEvent): void {
    if (this.over) return;
    const head = `${id === undefined ? '' : `id: ${id}\n`}${event ? `event: ${event}\n` : ''}`;
    this.write(`${head}data: ${JSON.stringify(data)}\n\n`);
  }

  /** Keeps the connection from looking idle. Cuts off a reader that has stalled for long. */
  heartbeat(): void {
    if (this.stalled === 'long') this.destroy();
    else if (this.stalled) this.stalled = 'long';
    else if (this.ready) this.write(':\n\n');
  }

  /** Ends the answer properly; of a stalled reader, at once. */
  finish(): void {
    if (this.stalled === 'long') this.destroy();
    else this.push(null);
    this.over = true;
  }

  override _read(): void {
    this.stalled = false;
  }

  private write(text: string): void {
    if (!this.push(text)) this.stalled ||= 'lately';
  }
}
