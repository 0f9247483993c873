import { Injectable } from '@nestjs/common';
import type { Step } from '@tradepost/messaging/ops';

const stepsMax = 20_000;

/** A step, with the order that it is about, where it says so. */
type KeptStep = Step & { orderId?: string };

/** The last steps that were told, by their flow and by the order that it is about. */
@Injectable()
export class StepStore {
  /** Counts what was taken: while it is the same, so is everything else. */
  version = 0;
  private readonly steps = new Map<string, KeptStep>();
  private readonly byTrace = new Map<string, Map<string, KeptStep>>();
  private readonly tracesByOrder = new Map<string, Set<string>>();
  private readonly ordersByTrace = new Map<string, Set<string>>();

  add(step: Step): void {
    if (this.steps.has(step.id)) return;
    const orderId = orderIn(step.body);
    const kept = orderId === undefined ? step : { ...step, orderId };
    this.version += 1;
    this.steps.set(step.id, kept);
    const ofTrace = this.byTrace.get(step.traceId) ?? new Map<string, KeptStep>();
    ofTrace.set(step.id, kept);
    this.byTrace.set(step.traceId, ofTrace);
    if (orderId !== undefined) this.link(step.traceId, orderId);
    if (this.steps.size > stepsMax) this.forgetOldest();
  }

  /** This flow is about that order: who begins it knows before a step says so. */
  link(traceId: string, orderId: string): void {
    add(this.tracesByOrder, orderId, traceId);
    add(this.ordersByTrace, traceId, orderId);
    if (this.tracesByOrder.size > stepsMax) this.forgetOrder();
  }

  tracesOf(orderId: string): string[] {
    return [...(this.tracesByOrder.get(orderId) ?? [])];
  }

  /** Steps of these flows, but those that are about another order. */
  of(orderId: string, traceIds: readonly string[]): Step[] {
    const all = traceIds.flatMap((traceId) => [...(this.byTrace.get(traceId)?.values() ?? [])]);
    return all.filter((step) => step.orderId === undefined || step.orderId === orderId);
  }

  private forgetOldest(): void {
    const [oldest] = this.steps.values();
    if (oldest === undefined) return;
    this.steps.delete(oldest.id);
    const ofTrace = this.byTrace.get(oldest.traceId);
    ofTrace?.delete(oldest.id);
    if (ofTrace?.size !== 0) return;
    this.byTrace.delete(oldest.traceId);
    for (const orderId of this.ordersByTrace.get(oldest.traceId) ?? []) {
      const traces = this.tracesByOrder.get(orderId);
      traces?.delete(oldest.traceId);
      if (traces?.size === 0) this.tracesByOrder.delete(orderId);
    }
    this.ordersByTrace.delete(oldest.traceId);
  }

  private forgetOrder(): void {
    const [orderId] = this.tracesByOrder.keys();
    if (orderId === undefined) return;
    for (const traceId of this.tracesOf(orderId)) this.ordersByTrace.get(traceId)?.delete(orderId);
    this.tracesByOrder.delete(orderId);
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key) ?? new Set();
  values.add(value);
  map.set(key, values);
}

function orderIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { orderId } = body as { orderId?: unknown };
  return typeof orderId === 'string' ? orderId : undefined;
}
