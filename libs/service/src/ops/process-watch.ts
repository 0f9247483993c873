import { Injectable } from '@nestjs/common';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

export interface ProcessFigures {
  /** Epoch milliseconds. */
  startedAt: number;
  node: string;
  memory: { rssBytes: number; heapUsedBytes: number };
  /** Of one core since the question before: 1 is all of it. */
  cpu: number;
  /** How late the event loop was, at worst, since the question before. */
  eventLoopDelayMs: number;
}

const resolutionMs = 20;
const unaskedMs = 30_000;

/** What this process costs. The delay of its event loop is measured only while somebody asks. */
@Injectable()
export class ProcessWatch {
  private cpu = process.cpuUsage();
  private askedAt = performance.now();
  private delay?: IntervalHistogram;
  private timer?: NodeJS.Timeout;

  figures(): ProcessFigures {
    const { rss: rssBytes, heapUsed: heapUsedBytes } = process.memoryUsage();
    const { user, system } = process.cpuUsage(this.cpu);
    const now = performance.now();
    const elapsedMs = Math.max(1, now - this.askedAt);
    this.cpu = process.cpuUsage();
    this.askedAt = now;
    return {
      startedAt: Math.round(performance.timeOrigin),
      node: process.version,
      memory: { rssBytes, heapUsedBytes },
      cpu: (user + system) / 1_000 / elapsedMs,
      eventLoopDelayMs: this.delayMs(),
    };
  }

  private delayMs(): number {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.forget(), unaskedMs).unref();
    if (this.delay === undefined) {
      this.delay = monitorEventLoopDelay({ resolution: resolutionMs });
      this.delay.enable();
      return 0;
    }
    const { max } = this.delay;
    this.delay.reset();
    return Math.max(0, max / 1e6 - resolutionMs);
  }

  private forget(): void {
    this.delay?.disable();
    this.delay = undefined;
  }
}
