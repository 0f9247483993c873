import { Readable } from 'node:stream';
import { isFinal } from '../order/order';
import type { Step } from '../order/timeline.store';
import type { Watcher } from './timeline-watch';

/** A reader whose stream has ended comes again after so long. */
const retryMs = 1_000;
/** Bytes that wait for a reader before nothing more is read for it. */
const waitingMax = 16_384;

/**
 * One order's steps as server-sent events (HTML, 9.2): each once, in their order. Ends by itself
 * after a step that none can follow.
 */
export class EventStream extends Readable implements Watcher {
  /** The reader takes nothing: since before the last beat, since after it, or not at all. */
  private stalled: 'long' | 'lately' | false = false;
  private over = false;

  /** @param after the last step that the reader has; 0: none */
  constructor(
    readonly orderId: string,
    public after: number,
  ) {
    super({ highWaterMark: waitingMax });
    // At once, so that the reader has the headers though nothing happens.
    this.say(`retry: ${retryMs}\n\n`);
  }

  get ready(): boolean {
    return !this.stalled && !this.over && !this.destroyed;
  }

  tell(steps: readonly Step[]): void {
    for (const step of steps) {
      if (this.over || this.destroyed || step.id <= this.after) continue;
      this.after = step.id;
      this.say(`id: ${step.id}\nevent: ${step.state}\ndata: ${JSON.stringify(step)}\n\n`);
      if (isFinal(step.state)) this.finish();
    }
  }

  /** Keeps the connection from looking idle. Cuts off who has not read since the last beat. */
  beat(): void {
    if (this.stalled === 'long') this.destroy();
    else if (this.stalled) this.stalled = 'long';
    else if (this.ready) this.say(':\n\n');
  }

  /** Ends the answer properly; of a reader who does not read, at once. */
  finish(): void {
    if (this.stalled === 'long') this.destroy();
    else if (!this.over && !this.destroyed) this.push(null);
    this.over = true;
  }

  override _read(): void {
    this.stalled = false;
  }

  private say(text: string): void {
    if (!this.push(text)) this.stalled ||= 'lately';
  }
}
