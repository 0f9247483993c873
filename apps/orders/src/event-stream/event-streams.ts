import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventStream } from './event-stream';
import { Problem } from '@tradepost/service';
import { OrdersConfig } from '../orders.config';
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
    const heartbeat = () => this.streams.forEach((stream) => stream.heartbeat());
    this.timer = setInterval(heartbeat, this.config.EVENT_HEARTBEAT_MS).unref();
  }

  // A stop waits for running answers, and these would go on until EVENT_STREAM_MAX_MS.
  beforeApplicationShutdown(): void {
    this.stopping = true;
    clearInterval(this.timer);
    this.streams.forEach((stream) => stream.finish());
    const cutOff = () => this.streams.forEach((stream) => stream.destroy());
    setTimeout(cutOff, this.config.SHUTDOWN_TIMEOUT_MS / 2).unref();
  }

  /**
   * @param after the last step that the reader has
   * @param steps those after that so far
   * @throws Problem 503 (too many are open, or the service stops)
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
    stream.notify(steps);
    this.watch.add(stream);
    return stream;
  }
}

/** Another replica, or this one a little later, may take the stream. */
function tooManyStreams(): Problem {
  return new Problem({
    status: 503,
    type: 'too-many-streams',
    title: 'There are too many open streams here',
    detail: 'ask again later, or without streaming',
    headers: { 'retry-after': '5' },
  });
}
