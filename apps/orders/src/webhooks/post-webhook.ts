import { Injectable } from '@nestjs/common';
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
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
  // A connection for each post: a kept one may lead to where the name pointed long ago.
  private readonly agents = { http: new HttpAgent(), https: new HttpsAgent() };

  constructor(private readonly config: OrdersConfig) {}

  /** @returns the HTTP status. @throws Error without one in time, or for a private address */
  async run({ id, url: text, secret, body }: DueDelivery): Promise<number> {
    const url = new URL(text);
    const { WEBHOOK_TIMEOUT_MS: timeoutMs, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = this.config;
    if (!allowPrivate) refusePrivate(hostOf(url));
    const secure = url.protocol === 'https:';
    const signal = AbortSignal.timeout(timeoutMs);
    const options = {
      method: 'POST',
      agent: secure ? this.agents.https : this.agents.http,
      headers: { ...headersOf(body), ...signatureOf(id, secret, body) },
      signal,
      ...(!allowPrivate && { lookup: publicLookup }),
    };
    return new Promise<number>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, options);
      // The status counts from here on, even if the rest of the answer fails.
      request.once('response', (answer) => resolve(statusOf(answer)));
      request.on('error', (error) =>
        reject(signal.aborted ? new Error(`no answer in ${timeoutMs} ms`) : error),
      );
      request.end(body);
    });
  }
}

function headersOf(body: string): Record<string, string | number> {
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Tradepost-Webhooks',
  };
}

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

/** Resolves once the rest of the answer was read, or cut off. */
async function statusOf(answer: IncomingMessage): Promise<number> {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > answerMaxBytes) answer.destroy();
  });
  answer.on('error', () => undefined);
  await new Promise((closed) => answer.once('close', closed));
  return answer.statusCode ?? 0;
}
