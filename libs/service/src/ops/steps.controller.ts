import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Res,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import { ServiceHandlers } from '@tradepost/messaging';
import { EventStream } from '../http/event-stream';
import { eventStreamHeaders, tooManyStreams } from '../http/event-streams';
import type { HttpReply } from '../http/problem';
import { Scope } from '../auth/route-access';
import { OpsGuard } from './ops-guard';

const streamsMax = 10;
const heartbeatMs = 10_000;

/** What this replica does now, step by step, for who watches it: nothing of it is kept. */
@Controller('ops/steps')
@Scope('ops')
@UseGuards(OpsGuard)
export class StepsController implements BeforeApplicationShutdown {
  private readonly streams = new Set<EventStream>();
  private timer?: NodeJS.Timeout;
  private isStopping = false;

  constructor(private readonly handlers: ServiceHandlers) {}

  // A stop waits for running answers, and these would never end.
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    for (const stream of this.streams) stream.finish();
  }

  /**
   * Watch what this replica does, step by step. Server-sent events `steps`: `{"steps": […],
   * "share": 1}`.
   */
  @Get()
  watch(@Res({ passthrough: true }) reply: HttpReply): StreamableFile {
    if (this.isStopping || this.streams.size >= streamsMax) throw tooManyStreams();
    const stream = new EventStream();
    // A slow reader misses some.
    const end = this.handlers.watch((data) => {
      if (stream.ready) stream.send({ event: 'steps', data });
    });
    this.streams.add(stream);
    this.timer ??= setInterval(() => this.heartbeat(), heartbeatMs).unref();
    stream.once('close', () => {
      end();
      this.streams.delete(stream);
      if (this.streams.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    });
    reply.headers(eventStreamHeaders);
    return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' });
  }

  private heartbeat(): void {
    for (const stream of this.streams) stream.heartbeat();
  }
}
