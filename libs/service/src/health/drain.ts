import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * The time between the signal to stop and the stop, in which load balancers find out: the service
 * is unready, and otherwise works on.
 */
@Injectable()
export class Drain {
  private state: 'not begun' | 'waiting' | 'over' = 'not begun';
  private readonly end = new AbortController();

  get hasBegun(): boolean {
    return this.state !== 'not begun';
  }

  get isWaiting(): boolean {
    return this.state === 'waiting';
  }

  async wait(ms: number): Promise<void> {
    this.state = 'waiting';
    await delay(ms, undefined, { signal: this.end.signal }).catch(() => undefined);
    this.state = 'over';
  }

  /** Waits no longer. */
  cut(): void {
    this.end.abort();
  }
}
