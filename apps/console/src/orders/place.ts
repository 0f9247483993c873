import { Injectable } from '@nestjs/common';
import { currentTrace, withTrace } from '@tradepost/messaging';
import { randomUUID } from 'node:crypto';
import type { NewOrder, OrderDetails } from '../api/orders';
import { StepStore } from '../journey/step-store';
import { Services } from '../upstream/services';
import { requestFor } from './new-order';
import { ownTrace } from './own-trace';

const timeoutMs = 10_000;

/** Places an order as a customer would, over HTTP. */
@Injectable()
export class Place {
  constructor(
    private readonly services: Services,
    private readonly steps: StepStore,
  ) {}

  /** @param seen whether its trace is one that is always told whole */
  async run(order: NewOrder, { seen = true, signal }: PlaceOptions = {}): Promise<OrderDetails> {
    if (!seen) return this.place(order, {}, signal);
    const { traceId, traceparent } = ownTrace();
    const placed = await withTrace(traceparent, async () => {
      // Where the console keeps spans, its request has a header of its span's already.
      const isTold = currentTrace()?.spanId !== undefined;
      return this.place(order, isTold ? {} : { traceparent }, signal);
    });
    this.steps.link(traceId, placed.id);
    return placed;
  }

  private async place(
    order: NewOrder,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<OrderDetails> {
    return this.services.ask<OrderDetails>('orders', '/v1/orders', {
      method: 'POST',
      body: requestFor(order),
      headers: { 'idempotency-key': randomUUID(), ...headers },
      timeoutMs,
      signal,
    });
  }
}

interface PlaceOptions {
  seen?: boolean;
  signal?: AbortSignal;
}
