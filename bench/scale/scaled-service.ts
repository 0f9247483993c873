import type { Service } from '../../apps/services';
import type { Shop } from '../harness/shop';
import { Scaler, type Rule } from './rule';

/** One service, whose replicas come and go with the depth of its queues. */
export class ScaledService {
  /** Messages that were ready or held when it was looked last. */
  depth = 0;
  /** Those that start count as well. */
  replicas = 1;
  private readonly scaler: Scaler;
  private changing?: Promise<void>;
  private failure?: Error;

  constructor(
    readonly name: Service,
    private readonly queues: RegExp,
    private readonly within: { shop: Shop; rule: Rule },
  ) {
    this.scaler = new Scaler(within.rule);
  }

  /** As many as there are at the least. The first one runs. */
  start(): Promise<void> {
    return this.change(this.within.rule.from);
  }

  /**
   * Starts and stops replicas without a wait for them.
   * @param depths of all queues, by their names
   */
  follow(depths: ReadonlyMap<string, number>): void {
    if (this.failure) throw this.failure;
    this.depth = [...depths]
      .filter(([queue]) => this.queues.test(queue))
      .reduce((sum, [, messages]) => sum + messages, 0);
    const desired = this.scaler.desired(this.depth, performance.now());
    if (this.changing || desired === this.replicas) return;
    this.changing = this.change(desired)
      .catch((error: Error) => void (this.failure = error))
      .finally(() => (this.changing = undefined));
  }

  /** Resolves when none starts or stops. */
  async settled(): Promise<void> {
    await this.changing;
    if (this.failure) throw this.failure;
  }

  private async change(to: number): Promise<void> {
    const from = this.replicas;
    this.replicas = to;
    // SIGTERM, as a Pod gets it: the newest first.
    if (to < from) await this.within.shop.stop(this.names(to, from));
    else if (to > from) await this.within.shop.start(this.names(from, to));
  }

  private names(from: number, to: number): string[] {
    return Array.from({ length: to - from }, (_, at) => `${this.name}-${from + at + 1}`);
  }
}
