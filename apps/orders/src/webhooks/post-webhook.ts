import { Injectable } from '@nestjs/common';
import { postWebhook } from '@tradepost/service';
import { Agent } from 'undici';
import { OrdersConfig } from '../orders.config';
import { hostOf, publicLookup, refusePrivate } from './public-address';
import type { DueDelivery } from './webhook-deliveries.store';

/**
 * Posts a webhook to a merchant. Unless WEBHOOKS_ALLOW_PRIVATE it connects to public addresses
 * alone: a merchant has chosen the URL, and it must not lead into the network of this service.
 */
@Injectable()
export class PostWebhook {
  private readonly dispatcher: Agent;

  constructor(private readonly config: OrdersConfig) {
    const { WEBHOOK_TIMEOUT_MS: timeout, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
    const lookup = allowPrivate ? undefined : publicLookup;
    // A connection for each post: a kept one may lead to where the name pointed long ago.
    this.dispatcher = new Agent({ pipelining: 0, connect: { timeout, lookup } });
  }

  /**
   * @returns the HTTP status, 200 or more
   * @throws Error without one in time, or for a private address
   */
  async run({ id, url: text, secret, body }: DueDelivery): Promise<number> {
    const url = new URL(text);
    const { WEBHOOK_TIMEOUT_MS: timeoutMs, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = this.config;
    if (!allowPrivate) refusePrivate(hostOf(url));
    return postWebhook({ id, url, keys: [secret], body, timeoutMs, dispatcher: this.dispatcher });
  }
}
