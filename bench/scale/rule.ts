export interface Rule {
  /** Bounds of how many replicas there are. */
  from: number;
  to: number;
  /** A replica for so many messages. */
  target: number;
  /** So long fewer were enough, before one ends. */
  calmMs: number;
}

/** What KEDA, and the HorizontalPodAutoscaler that it feeds, make of how deep queues are. */
export class Scaler {
  private wanted: { atMs: number; replicas: number }[] = [];

  constructor(private readonly rule: Rule) {}

  /** @param depth messages that are ready or held @returns how many replicas there should be */
  desired(depth: number, atMs: number): number {
    const { from, to, target, calmMs } = this.rule;
    const replicas = Math.min(Math.max(Math.ceil(depth / target), from), to);
    this.wanted = [...this.wanted.filter((one) => atMs - one.atMs <= calmMs), { atMs, replicas }];
    return Math.max(...this.wanted.map((one) => one.replicas));
  }
}
