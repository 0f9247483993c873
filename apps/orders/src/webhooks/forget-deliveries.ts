import { Injectable } from '@nestjs/common';
import { Periodic } from '@tradepost/service';
import { WebhookDeliveriesStore } from './webhook-deliveries.store';

const keptForMs = 14 * 24 * 60 * 60_000;
const everyMs = 10 * 60_000;
const batches = { size: 1_000, max: 100 };

/** Deletes deliveries of webhooks after two weeks. Every replica may run it at any time. */
@Injectable()
export class ForgetDeliveries extends Periodic {
  constructor(private readonly deliveries: WebhookDeliveriesStore) {
    super(everyMs);
  }

  /** @returns how many deliveries were deleted */
  async run(): Promise<number> {
    const before = new Date(Date.now() - keptForMs);
    const forgotten = await this.inBatches(batches, async (size) =>
      this.deliveries.forget(before, size),
    );
    if (forgotten > 0) this.log.debug('webhook deliveries forgotten', { count: forgotten });
    return forgotten;
  }
}
