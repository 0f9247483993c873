import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Problem } from '@tradepost/service';
import type { ConsoleRequest, RawReply } from '../session/request';
import { PageStream } from './page-stream';

const streamsMax = 200;
const heartbeatMs = 10_000;
const cutOffMs = 1_000;

/** All that is open, and its bounds. */
@Injectable()
export class PageStreams implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly streams = new Set<PageStream>();
  private timer?: NodeJS.Timeout;
  private stopping = false;

  onApplicationBootstrap(): void {
    const heartbeat = () => this.streams.forEach((stream) => stream.heartbeat());
    this.timer = setInterval(heartbeat, heartbeatMs).unref();
  }

  // A stop waits for running answers; these would go on for ever.
  beforeApplicationShutdown(): void {
    this.stopping = true;
    clearInterval(this.timer);
    this.streams.forEach((stream) => stream.end());
    setTimeout(() => this.streams.forEach((stream) => stream.cut()), cutOffMs).unref();
  }

  /** @throws Problem 503 when too many are open, or the console stops */
  open(reply: RawReply): PageStream {
    if (this.stopping || this.streams.size >= streamsMax) {
      throw new Problem({
        status: 503,
        type: 'too-many-streams',
        title: 'There are too many open streams here',
        headers: { 'retry-after': '5' },
      });
    }
    const stream = new PageStream(reply);
    this.streams.add(stream);
    const timer = endWith(reply.request, stream);
    stream.onClose(() => {
      clearTimeout(timer);
      this.streams.delete(stream);
    });
    return stream;
  }
}

/** Of a session that ends; its page is then asked to sign in. */
function endWith({ session }: ConsoleRequest, stream: PageStream) {
  if (session === undefined || session.until === Infinity) return undefined;
  return setTimeout(() => stream.end(), Math.max(session.until - Date.now(), 0)).unref();
}
