import { hostname } from 'node:os';
import { textOf } from './masked';
import type { Step, StepsSeen } from './step';

type Listener = (seen: StepsSeen) => void;

export type Seen = Omit<Step, 'id' | 'service' | 'instance' | 'body'> & { body?: unknown };

const flushEveryMs = 100;
const stepsPerSecondMax = 100;
/** Below it more of the flows are told again. */
const stepsPerSecondFew = 30;
const windowMs = 1_000;
/** One flow of so many at least is told. */
const halvingsMax = 16;

const instance = `${hostname()}:${process.pid}`;

/**
 * What happens in this process, for who watches it now; nothing is kept, and nothing is done while
 * nobody watches. Above 100 steps a second a part of the flows is told and the others are not: all
 * services decide by the trace id, so that a flow is told whole. One whose trace id ends in
 * `ffffffff` always is.
 */
export class Steps {
  private readonly listeners = new Set<Listener>();
  private waiting: Step[] = [];
  private timer?: NodeJS.Timeout;
  private halvings = 0;
  private windowEndsAt = 0;
  private toldInWindow = 0;
  private count = 0;

  constructor(private readonly service: string) {}

  get isWatched(): boolean {
    return this.listeners.size > 0;
  }

  get share(): number {
    return 1 / 2 ** this.halvings;
  }

  /** @returns ends it */
  watch(listener: Listener): () => void {
    this.listeners.add(listener);
    this.timer ??= setInterval(() => this.flush(), flushEveryMs).unref();
    return () => {
      this.listeners.delete(listener);
      if (this.isWatched) return;
      clearInterval(this.timer);
      this.timer = undefined;
      this.waiting = [];
      this.halvings = 0;
    };
  }

  /** @param seen is asked for only where it is told */
  tell(traceparent: string | undefined, seen: (traceId: string) => Seen): void {
    if (this.wants(traceparent)) this.add(seen(traceIdOf(traceparent)));
  }

  /** Whether a step of this flow is told now; who asks adds it then. */
  wants(traceparent: string | undefined): traceparent is string {
    if (!this.isWatched || traceparent === undefined) return false;
    const traceId = traceIdOf(traceparent);
    return traceId.length === 32 && this.isTold(traceId);
  }

  add({ body, ...step }: Seen): void {
    const { service } = this;
    this.count += 1;
    const id = `${instance}:${this.count}`;
    this.waiting.push({ id, service, instance, ...step, ...textOf(body) });
  }

  private isTold(traceId: string): boolean {
    const now = performance.now();
    if (now > this.windowEndsAt) this.beginWindow(now);
    const place = Number.parseInt(traceId.slice(-8), 16) / 2 ** 32;
    if (place < 1 - this.share) return false;
    this.toldInWindow += 1;
    if (this.toldInWindow > stepsPerSecondMax && this.halvings < halvingsMax) {
      this.halvings += 1;
      this.toldInWindow = stepsPerSecondMax / 2;
    }
    return true;
  }

  private beginWindow(now: number): void {
    if (this.toldInWindow < stepsPerSecondFew && this.halvings > 0) this.halvings -= 1;
    this.toldInWindow = 0;
    this.windowEndsAt = now + windowMs;
  }

  private flush(): void {
    if (this.waiting.length === 0) return;
    const seen = { steps: this.waiting, share: this.share };
    this.waiting = [];
    for (const listener of this.listeners) listener(seen);
  }
}

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}
