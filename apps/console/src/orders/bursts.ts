import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { notFound, Problem } from '@tradepost/service';
import { randomUUID } from 'node:crypto';
import type { Burst, NewBurst } from '../api/orders';
import { Place } from './place';

/** Bursts at the same time, and those that are remembered. */
const runningMax = 3;
const keptMax = 50;
/** Orders that wait for their answer: beyond that the burst waits, too. */
const inFlightMax = 500;
const tickMs = 20;

interface Running {
  burst: Burst;
  abort: AbortController;
}

/**
 * Many orders at a rate that does not depend on their answers, as customers are. Beyond 500
 * without an answer it waits.
 */
@Injectable()
export class Bursts implements BeforeApplicationShutdown {
  private readonly bursts = new Map<string, Running>();

  constructor(private readonly place: Place) {}

  start(order: NewBurst): Burst {
    const running = [...this.bursts.values()].filter(({ burst }) => burst.state === 'running');
    if (running.length >= runningMax) {
      throw new Problem({
        status: 409,
        type: 'too-many-bursts',
        title: 'Other bursts are still running',
        detail: `up to ${runningMax} at a time`,
      });
    }
    const { count, rate } = order;
    const progress = { sent: 0, accepted: 0, refused: 0 };
    const burst: Burst = { id: randomUUID(), count, rate, ...progress, state: 'running' };
    const one = { burst, abort: new AbortController() };
    this.keep(one);
    this.run(one, order);
    return burst;
  }

  find(id: string): Burst {
    return this.get(id).burst;
  }

  stop(id: string): Burst {
    const { burst, abort } = this.get(id);
    abort.abort();
    return burst;
  }

  beforeApplicationShutdown(): void {
    for (const { abort } of this.bursts.values()) abort.abort();
  }

  private get(id: string): Running {
    const found = this.bursts.get(id);
    if (!found) throw notFound('burst', `there is no burst ${id}`);
    return found;
  }

  private keep(one: Running): void {
    this.bursts.set(one.burst.id, one);
    for (const [id, { burst }] of this.bursts) {
      if (this.bursts.size <= keptMax) return;
      if (burst.state !== 'running') this.bursts.delete(id);
    }
  }

  private run({ burst, abort }: Running, order: NewBurst): void {
    const { signal } = abort;
    const startedMs = performance.now();
    let waiting = 0;
    const timer = setInterval(() => {
      const due = Math.ceil(((performance.now() - startedMs) / 1_000) * burst.rate);
      while (burst.sent < Math.min(due, burst.count) && waiting < inFlightMax) {
        burst.sent += 1;
        waiting += 1;
        const ended = () => {
          waiting -= 1;
          if (waiting > 0 || burst.state !== 'running') return;
          if (burst.sent === burst.count) finish('done');
        };
        this.placeOne(burst, order).then(ended, ended);
      }
    }, tickMs);
    const finish = (state: Burst['state']) => {
      clearInterval(timer);
      if (burst.state === 'running') burst.state = state;
    };
    signal.addEventListener('abort', () => finish('stopped'), { once: true });
  }

  private async placeOne(burst: Burst, order: NewBurst): Promise<void> {
    try {
      await this.place.run(order, { seen: false });
      burst.accepted += 1;
    } catch (error) {
      burst.refused += 1;
      burst.problem = error instanceof Error ? error.message : String(error);
    }
  }
}
