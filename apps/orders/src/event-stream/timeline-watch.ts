import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { StreamWatch } from '@tradepost/service';
import type { OrderStream } from './order-stream';
import { OrdersConfig } from '../orders.config';
import { timelineTopic } from '../order/orders.store';
import { TimelineStore } from '../order/timeline.store';

/** New steps of one order in one poll; more of them come with the next. */
const stepsMax = 100;

/**
 * Notifies streams of the steps of orders, whichever replica makes them: one statement for all of
 * them every EVENT_POLL_MS, and at once after a commit of this process. LISTEN and NOTIFY would
 * make every commit of an order wait for every other.
 */
@Injectable()
export class TimelineWatch extends StreamWatch<OrderStream> {
  constructor(
    db: Db,
    private readonly timeline: TimelineStore,
    config: OrdersConfig,
  ) {
    super(config.EVENT_POLL_MS, 'timelines not read');
    db.onCommit(timelineTopic, () => this.pollSoon());
  }

  protected async poll(streams: OrderStream[]): Promise<boolean> {
    const found = await this.timeline.next(streams, stepsMax);
    for (const [index, stream] of streams.entries()) stream.notify(found[index] ?? []);
    return found.some(({ length }) => length === stepsMax);
  }
}
