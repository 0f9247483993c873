import { Injectable } from '@nestjs/common';
import { Periodic } from '@tradepost/service';
import { WebhookDeliveriesStore } from './webhook-deliveries.store';

const daysKept = 14;
const everyMs = 10 * 60_000;

/**
 * Makes room for the webhooks of the days ahead, and drops those of two weeks ago. Every replica
 * may run it at any time.
 */
@Injectable()
export class ForgetDeliveries extends Periodic {
  constructor(private readonly deliveries: WebhookDeliveriesStore) {
    super(everyMs);
  }

  /** @returns how many days were dropped */
  async run(): Promise<number> {
    const dropped = await this.deliveries.forget(daysKept);
    if (dropped > 0) this.log.debug('webhook deliveries forgotten', { days: dropped });
    return dropped;
  }
}
