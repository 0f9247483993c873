import { Controller, Get, Header, Headers, Param, Res, StreamableFile } from '@nestjs/common';
import { canonicalId } from '@tradepost/messaging';
import {
  Caller,
  eventStreamHeaders,
  type HttpReply,
  invalidRequest,
  prefers,
  Scope,
} from '@tradepost/service';
import { OrderStreams } from './event-stream/order-streams';
import { isFinal } from './order/order';
import { isOf } from './order/order-details';
import { orderNotFound } from './order/order-problems';
import { OrdersStore } from './order/orders.store';
import { type Step, TimelineStore } from './order/timeline.store';

/** Steps in one answer, or at the start of a stream. An order has some ten at most. */
const stepsMax = 1_000;

@Controller('v1/orders')
export class EventsController {
  constructor(
    private readonly orders: OrdersStore,
    private readonly timeline: TimelineStore,
    private readonly streams: OrderStreams,
  ) {}

  /**
   * List or follow the steps of an order. Oldest first: those so far as JSON, or by content
   * negotiation a stream, from the step after `Last-Event-ID` on. 204: no step will follow it.
   */
  @Get(':id/events')
  @Scope('orders:read', { customers: 'own' })
  @Header('vary', 'accept')
  async events(
    @Caller() { customer }: Caller,
    @Param('id') text: string,
    @Headers('accept') accept: string | undefined,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<{ items: Step[] } | StreamableFile | undefined> {
    const id = canonicalId(text);
    if (id === undefined) throw orderNotFound();
    if (customer !== undefined) {
      const found = await this.orders.find(id);
      if (!found || !isOf(customer, found.order)) throw orderNotFound();
    }
    if (!prefers(accept, 'text/event-stream', 'application/json')) {
      return { items: await this.stepsFrom(id, 1) };
    }
    const last = readStep(lastEventId);
    const steps = await this.stepsFrom(id, Math.max(last, 1));
    // The last one that the reader has; of a reader that has none, the first, which is not final.
    if (isFinal(steps[0].state)) {
      reply.status(204);
      return undefined;
    }
    const stream = this.streams.open(id, last, steps);
    reply.headers(eventStreamHeaders);
    return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' });
  }

  /** At least one. @throws Problem 404, or 400 when the order has none from there on */
  private async stepsFrom(id: string, from: number): Promise<[Step, ...Step[]]> {
    const [first, ...more] = await this.timeline.steps(id, from, stepsMax);
    if (first) return [first, ...more];
    if (from > 1) {
      await this.stepsFrom(id, 1);
      throw noStep();
    }
    throw orderNotFound();
  }
}

/** @throws Problem 400 unless it can be the id of an event; undefined is 0 */
function readStep(lastEventId: string | undefined): number {
  if (lastEventId === undefined) return 0;
  if (!/^[1-9]\d{0,4}$/.test(lastEventId)) throw noStep();
  return Number(lastEventId);
}

function noStep() {
  return invalidRequest([
    { pointer: '/Last-Event-ID', detail: 'must be the id of an event of this order' },
  ]);
}
