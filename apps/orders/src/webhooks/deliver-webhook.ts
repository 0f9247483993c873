import { Injectable, IntrinsicException, Logger } from '@nestjs/common';
import { Db } from '@tradepost/database';
import type { Message } from '@tradepost/messaging';
import { reasonOf, webhookIdOf } from '@tradepost/service';
import { PostWebhook } from './post-webhook';
import {
  type DeliveryResult,
  type DueDelivery,
  WebhookDeliveriesStore,
} from './webhook-deliveries.store';
import { WebhooksStore } from './webhooks.store';

/** An endpoint did not take a webhook. The message is dead-lettered as `webhook_failed`. */
class WebhookFailed extends IntrinsicException {
  override readonly name = 'WebhookFailed';
}

/** By this status an endpoint unsubscribes. */
const gone = 410;

/**
 * Sends a webhook to its endpoint until that answers 2xx. Runs as often as its message is
 * delivered, at the same time too: a receiver knows a copy by its id. No transaction is open while
 * the request runs.
 */
@Injectable()
export class DeliverWebhook {
  private readonly log = new Logger(DeliverWebhook.name);

  constructor(
    private readonly db: Db,
    private readonly webhooks: WebhooksStore,
    private readonly deliveries: WebhookDeliveriesStore,
    private readonly post: PostWebhook,
  ) {}

  /** @throws WebhookFailed so that the message is retried */
  async run(deliveryId: string, message: Message): Promise<void> {
    const delivery = await this.deliveries.begin(deliveryId);
    if (!delivery) return this.drop(deliveryId);
    const result = await this.try(delivery);
    if (result.error === undefined) {
      await this.deliveries.settle(deliveryId, 'delivered', result);
    } else if (result.status === gone) {
      await this.disable(delivery, result);
    } else {
      const status = message.isLastAttempt ? 'parked' : 'pending';
      await this.deliveries.settle(deliveryId, status, result);
      throw new WebhookFailed(
        `${webhookIdOf(deliveryId)} to webhook ${delivery.endpointId}: ${result.error}`,
      );
    }
  }

  private async try(delivery: DueDelivery): Promise<DeliveryResult> {
    try {
      const status = await this.post.run(delivery);
      const isDelivered = status < 300;
      return isDelivered ? { status } : { status, error: `answered ${status}` };
    } catch (error) {
      return { error: reasonOf(error) };
    }
  }

  /** It was delivered before; or its endpoint is disabled or deleted; or its row is deleted. */
  private async drop(deliveryId: string): Promise<void> {
    if (!(await this.deliveries.drop(deliveryId))) return;
    const webhookId = webhookIdOf(deliveryId);
    this.log.warn('webhook dropped, its endpoint is gone', { webhookId });
  }

  private async disable({ id, endpointId }: DueDelivery, result: DeliveryResult): Promise<void> {
    await this.db.transaction(async (tx) => {
      await this.webhooks.disable(tx, endpointId, `answered ${gone}`);
      await this.deliveries.settle(id, 'dropped', result, tx);
    });
    this.log.warn('webhook endpoint disabled', { endpointId, status: gone });
  }
}
