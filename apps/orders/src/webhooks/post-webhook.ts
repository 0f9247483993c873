import { Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { Agent, request } from 'undici';
import { OrdersConfig } from '../orders.config';
import { hostOf, publicLookup, refusePrivate } from './public-address';
import { webhookIdOf } from './webhook';
import type { DueDelivery } from './webhook-deliveries.store';

/** The body of an endpoint's answer is ignored, and cut off after so many bytes. */
const answerMaxBytes = 64 * 1_024;

/**
 * Posts a webhook, signed, per Standard Webhooks. Follows no redirects. Unless
 * WEBHOOKS_ALLOW_PRIVATE it connects to public addresses alone: a merchant has chosen the URL, and
 * it must not lead into the network of this service.
 */
@Injectable()
export class PostWebhook {
  private readonly agent: Agent;

  constructor(private readonly config: OrdersConfig) {
    const { WEBHOOK_TIMEOUT_MS: timeout, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
    const lookup = allowPrivate ? undefined : publicLookup;
    // A connection for each post: a kept one may lead to where the name pointed long ago.
    this.agent = new Agent({ pipelining: 0, connect: { timeout, lookup } });
  }

  /**
   * @returns the HTTP status, 200 or more
   * @throws Error without one in time, or for a private address
   */
  async run({ id, url: text, secret, body }: DueDelivery): Promise<number> {
    const url = new URL(text);
    const { WEBHOOK_TIMEOUT_MS: timeoutMs, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = this.config;
    if (!allowPrivate) refusePrivate(hostOf(url));
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await request(url, {
        method: 'POST',
        dispatcher: this.agent,
        headers: { ...headers, ...signatureOf(id, secret, body) },
        body,
        signal,
      });
      // The status counts, even if the rest of the answer fails.
      await answer.body.dump({ limit: answerMaxBytes }).catch(() => undefined);
      return answer.statusCode;
    } catch (error) {
      throw signal.aborted ? new Error(`no answer in ${timeoutMs} ms`) : error;
    }
  }
}

const headers = { 'content-type': 'application/json', 'user-agent': 'Tradepost-Webhooks' };

/** Of this try: the time is signed too, so that an old webhook cannot be replayed. */
function signatureOf(deliveryId: string, secret: string, body: string): Record<string, string> {
  const id = webhookIdOf(deliveryId);
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
}
