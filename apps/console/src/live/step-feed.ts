import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Step, StepsSeen } from '@tradepost/messaging/ops';
import { StepStore } from '../journey/step-store';
import { readEvents } from '../upstream/event-source';
import { Services } from '../upstream/services';
import { DueRetries } from './due-retries';
import { FlowSample } from './flow-sample';
import { type Instance, Instances, isUp } from './instances';
import { Poller, type Watch } from './poller';

const lookEveryMs = 500;
const tellEveryMs = 100;
const againMs = 1_000;
const silenceMs = 45_000;
/** Steps that wait for the next time they are told. */
const waitingMax = 2_000;

/** Hears the steps of every process while a page is open, keeps the last, and tells them. */
@Injectable()
export class StepFeed implements OnApplicationBootstrap, Watch {
  private readonly listeners = new Set<(seen: StepsSeen) => void>();
  /** Of each process that is heard: the share of flows that it tells. */
  private readonly heard = new Map<string, { share: number; leave: AbortController }>();
  private readonly sample = new FlowSample();
  private waiting: Step[] = [];
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly instances: Instances,
    private readonly services: Services,
    private readonly store: StepStore,
    private readonly poller: Poller,
    private readonly dueRetries: DueRetries,
  ) {}

  onApplicationBootstrap(): void {
    this.poller.watchWith(this);
  }

  /** @returns a function that ends it */
  listen(listener: (seen: StepsSeen) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  start(): void {
    this.look();
    this.timers = [
      setInterval(() => this.look(), lookEveryMs),
      setInterval(() => this.tell(), tellEveryMs),
    ];
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const { leave } of this.heard.values()) leave.abort();
    this.heard.clear();
    this.waiting = [];
  }

  /** New processes are heard, those that are gone no more. */
  private look(): void {
    const up = this.instances.all.filter(isUp);
    for (const one of up) if (!this.heard.has(one.url)) this.hear(one);
    for (const [url, { leave }] of this.heard) {
      if (this.instances.all.some((one) => one.url === url)) continue;
      leave.abort();
      this.heard.delete(url);
    }
  }

  private hear({ url }: Instance): void {
    const leave = new AbortController();
    const own = { share: 1, leave };
    this.heard.set(url, own);
    const address = `${url}/ops/steps`;
    const { signal } = leave;
    const onEvent = ({ event, data }: { event: string; data: string }) => {
      if (event === 'steps') this.take(data, own);
    };
    const ended = (): void => {
      // What does not answer now is asked again, while it is there.
      setTimeout(() => {
        if (this.heard.get(url) === own) this.heard.delete(url);
      }, againMs).unref();
    };
    this.services
      .headersFor(address)
      .then((headers) => readEvents(address, { headers, signal, silenceMs, onEvent }))
      .then(ended, ended);
  }

  private take(data: string, own: { share: number }): void {
    const { steps, share } = JSON.parse(data) as StepsSeen;
    own.share = share;
    for (const step of steps) {
      // What is only asked for is no part of an order's way: this console asks all the time.
      if (step.kind === 'http' && !/^(POST|PUT|PATCH|DELETE) /.test(step.route ?? '')) continue;
      this.store.add(step);
      this.dueRetries.add(step);
      if (this.listeners.size === 0 || this.waiting.length >= waitingMax) continue;
      if (this.sample.takes(step.traceId, this.shareOfAll)) this.waiting.push(step);
    }
  }

  /** The share of flows that all services tell. */
  private get shareOfAll(): number {
    return Math.min(1, ...[...this.heard.values()].map(({ share }) => share));
  }

  private tell(): void {
    if (this.waiting.length === 0) return;
    const seen = { steps: this.waiting, share: Math.min(this.sample.share, this.shareOfAll) };
    this.waiting = [];
    for (const listener of this.listeners) listener(seen);
  }
}
