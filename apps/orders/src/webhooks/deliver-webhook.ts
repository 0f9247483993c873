import { Injectable, Logger } from '@nestjs/common';
import type { DeliverWebhook as Due } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import type { Message } from '@tradepost/messaging';
import { PostWebhook } from './post-webhook';
import { webhookIdOf } from './webhook';
import { type Outcome, type Outgoing, WebhookDeliveriesStore } from './webhook-deliveries.store';
import { WebhooksStore } from './webhooks.store';

/** An endpoint was not told. The code under which it is dead-lettered is `webhook_failed`. */
class WebhookFailed extends Error {
  override readonly name = 'WebhookFailed';
}

/** Never again, says an endpoint that answers so. */
const gone = 410;

/**
 * Tells an endpoint what there is to tell, until it answers 2xx. Runs as often as its message
 * comes, at the same time too: whoever gets a webhook twice knows it by its id. No transaction is
 * open while the endpoint is asked.
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

  /** @throws WebhookFailed unless there is nothing left to tell */
  async run({ deliveryId }: Due, message: Message): Promise<void> {
    const outgoing = await this.deliveries.begin(deliveryId);
    if (!outgoing) return this.drop(deliveryId);
    const outcome = await this.try(outgoing);
    if (outcome.error === undefined) {
      await this.deliveries.settle(deliveryId, 'delivered', outcome);
    } else if (outcome.status === gone) {
      await this.disable(outgoing, outcome);
    } else {
      const status = message.isLastAttempt ? 'parked' : 'pending';
      await this.deliveries.settle(deliveryId, status, outcome);
      throw new WebhookFailed(
        `${webhookIdOf(deliveryId)} to webhook ${outgoing.endpointId}: ${outcome.error}`,
      );
    }
  }

  private async try(outgoing: Outgoing): Promise<Outcome> {
    try {
      const status = await this.post.run(outgoing);
      const delivered = status >= 200 && status < 300;
      return delivered ? { status } : { status, error: `answered ${status}` };
    } catch (error) {
      return { error: reasonOf(error) };
    }
  }

  /** It was delivered before; or its endpoint is disabled or deleted; or it is long forgotten. */
  private async drop(deliveryId: string): Promise<void> {
    if (await this.deliveries.drop(deliveryId)) {
      this.log.warn(`${webhookIdOf(deliveryId)} is dropped: its endpoint is gone`);
    }
  }

  private async disable({ id, endpointId }: Outgoing, outcome: Outcome): Promise<void> {
    await this.db.transaction(async (tx) => {
      await this.webhooks.disable(tx, endpointId, `answered ${gone}`);
      await this.deliveries.settle(id, 'dropped', outcome, tx);
    });
    this.log.warn(`webhook ${endpointId} is disabled: it answered ${gone}`);
  }
}

/** Several addresses tried in vain are one error without words of its own. */
function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const text = first instanceof Error ? first.message : String(first);
  return text.slice(0, 500);
}
