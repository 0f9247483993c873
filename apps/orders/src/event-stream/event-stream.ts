import { Readable } from 'node:stream';
import { isFinal } from '../order/order';
import type { Step, TimelinePosition } from '../order/timeline.store';

/** A reader whose stream has ended reconnects after so long. */
const retryMs = 1_000;
/** Bytes that may wait for a reader; beyond that no more steps are read for it. */
const waitingMax = 16_384;

/** An order's steps as server-sent events (HTML, 9.2): each once, in order, up to a final state. */
export class EventStream extends Readable implements TimelinePosition {
  /** The reader reads nothing: since before the last heartbeat, since after it, or it reads. */
  private stalled: 'long' | 'lately' | false = false;
  private over = false;

  /** @param after the last step that the reader has; 0: none */
  constructor(
    readonly orderId: string,
    public after: number,
  ) {
    super({ highWaterMark: waitingMax });
    // At once, so that the reader has the headers though nothing happens.
    this.write(`retry: ${retryMs}\n\n`);
  }

  /** Whether it can take more now. */
  get ready(): boolean {
    return !this.stalled && !this.over && !this.destroyed;
  }

  notify(steps: readonly Step[]): void {
    for (const step of steps) {
      if (this.over || step.id <= this.after) continue;
      this.after = step.id;
      this.write(`id: ${step.id}\nevent: ${step.state}\ndata: ${JSON.stringify(step)}\n\n`);
      if (isFinal(step.state)) this.finish();
    }
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
