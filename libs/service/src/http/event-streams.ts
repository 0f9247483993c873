import { type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { EventStreamConfig } from '../config/event-stream-config';
import type { EventStream } from './event-stream';
import { Problem } from './problem';
import type { StreamWatch } from './stream-watch';

/** Of an answer that is a stream of events. */
export const eventStreamHeaders = {
  'cache-control': 'no-store',
  // nginx would otherwise hold events back until its buffer is full.
  'x-accel-buffering': 'no',
};

/** The open streams of one kind of this replica, and their bounds. Injectable by a subclass. */
export abstract class EventStreams<Stream extends EventStream>
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  private readonly streams = new Set<Stream>();
  private timer?: NodeJS.Timeout;
  private stopping = false;

  constructor(
    private readonly bounds: EventStreamConfig,
    private readonly watch: StreamWatch<Stream>,
  ) {}

  /** How many are open. */
  get count(): number {
    return this.streams.size;
  }

  onApplicationBootstrap(): void {
    const heartbeat = () => this.streams.forEach((stream) => stream.heartbeat());
    this.timer = setInterval(heartbeat, this.bounds.EVENT_HEARTBEAT_MS).unref();
  }

  // A stop waits for running answers, and these would go on until EVENT_STREAM_MAX_MS.
  beforeApplicationShutdown(): void {
    this.stopping = true;
    clearInterval(this.timer);
    this.streams.forEach((stream) => stream.finish());
    const cutOff = () => this.streams.forEach((stream) => stream.destroy());
    setTimeout(cutOff, this.bounds.SHUTDOWN_TIMEOUT_MS / 2).unref();
  }

  /** @throws Problem 503 (too many are open, or the service stops) before `make` is called */
  protected add(make: () => Stream): Stream {
    const { EVENT_STREAMS_MAX, EVENT_STREAM_MAX_MS } = this.bounds;
    if (this.stopping || this.count >= EVENT_STREAMS_MAX) throw tooManyStreams();
    const stream = make();
    const timer = setTimeout(() => stream.finish(), EVENT_STREAM_MAX_MS).unref();
    this.streams.add(stream);
    stream.once('close', () => {
      clearTimeout(timer);
      this.streams.delete(stream);
      this.watch.remove(stream);
    });
    this.watch.add(stream);
    return stream;
  }
}

/** Another replica, or this one a little later, may take the stream. */
export function tooManyStreams(): Problem {
  return new Problem({
    status: 503,
    type: 'too-many-streams',
    title: 'There are too many open streams here',
    detail: 'ask again later, or without streaming',
    headers: { 'retry-after': '5' },
  });
}
