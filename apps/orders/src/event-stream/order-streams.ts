import { Injectable } from '@nestjs/common';
import { EventStreams } from '@tradepost/service';
import { OrderStream } from './order-stream';
import { OrdersConfig } from '../orders.config';
import type { Step } from '../order/timeline.store';
import { TimelineWatch } from './timeline-watch';

@Injectable()
export class OrderStreams extends EventStreams<OrderStream> {
  constructor(config: OrdersConfig, watch: TimelineWatch) {
    super(config, watch);
  }

  /**
   * @param after the last step that the reader has
   * @param steps those after that so far
   * @throws Problem 503 (too many are open, or the service stops)
   */
  open(orderId: string, after: number, steps: readonly Step[]): OrderStream {
    return this.add(() => {
      const stream = new OrderStream(orderId, after);
      stream.notify(steps);
      return stream;
    });
  }
}
