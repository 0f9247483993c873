import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventStream } from './event-stream';
import { OrdersConfig } from '../orders.config';
import { tooManyStreams } from '../order/refusals';
import type { Step } from '../order/timeline.store';
import { TimelineWatch } from './timeline-watch';

/** The open streams of this replica, and their bounds. */
@Injectable()
export class EventStreams implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly streams = new Set<EventStream>();
  private timer?: NodeJS.Timeout;
  private stopping = false;

  constructor(
    private readonly config: OrdersConfig,
    private readonly watch: TimelineWatch,
  ) {}

  /** How many are open. */
  get count(): number {
    return this.streams.size;
  }

  onApplicationBootstrap(): void {
    const beat = () => this.streams.forEach((stream) => stream.beat());
    this.timer = setInterval(beat, this.config.EVENT_HEARTBEAT_MS).unref();
  }

  // A stop waits for answers in hand, and these would go on for as long as they may.
  beforeApplicationShutdown(): void {
    this.stopping = true;
    clearInterval(this.timer);
    this.streams.forEach((stream) => stream.finish());
    const cutOff = () => this.streams.forEach((stream) => stream.destroy());
    setTimeout(cutOff, this.config.SHUTDOWN_TIMEOUT_MS / 2).unref();
  }

  /**
   * @param after the last step that the reader has
   * @param steps what came after that by now
   * @throws Problem 503 (as many are open as may be, or the service stops)
   */
  open(orderId: string, after: number, steps: readonly Step[]): EventStream {
    const { EVENT_STREAMS_MAX, EVENT_STREAM_MAX_MS } = this.config;
    if (this.stopping || this.count >= EVENT_STREAMS_MAX) throw tooManyStreams();
    const stream = new EventStream(orderId, after);
    const timer = setTimeout(() => stream.finish(), EVENT_STREAM_MAX_MS).unref();
    this.streams.add(stream);
    stream.once('close', () => {
      clearTimeout(timer);
      this.streams.delete(stream);
      this.watch.remove(stream);
    });
    stream.tell(steps);
    this.watch.add(stream);
    return stream;
  }
}
