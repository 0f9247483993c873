import { Injectable } from '@nestjs/common';
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { OrdersConfig } from '../orders.config';
import { hostOf, publicLookup, refusePrivate } from './public-address';
import { webhookIdOf } from './webhook';
import type { Outgoing } from './webhook-deliveries.store';

/** Nobody reads what an endpoint answers; so much of it is let in before it is cut off. */
const answerMaxBytes = 64 * 1_024;

/**
 * Posts what there is to tell, signed, per Standard Webhooks. Follows no redirects. Unless
 * WEBHOOKS_ALLOW_PRIVATE it connects to public addresses alone: an endpoint is a URL that somebody
 * else has chosen, and must not be a way into the network that this service is in.
 */
@Injectable()
export class PostWebhook {
  // A connection for each post: one that is kept may go to where the name has long moved from.
  private readonly agents = { http: new HttpAgent(), https: new HttpsAgent() };

  constructor(private readonly config: OrdersConfig) {}

  /**
   * @returns the HTTP status of the answer
   * @throws Error when there is none in time, or may be none
   */
  async run({ id, url: text, secret, body }: Outgoing): Promise<number> {
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
      // From here on the status counts, whatever becomes of the rest of the answer.
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

/** Of this try: the time is part of what is signed, so that nobody can send an old one again. */
function signatureOf(deliveryId: string, secret: string, body: string): Record<string, string> {
  const id = webhookIdOf(deliveryId);
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
}

/** Once the rest of the answer was let in, or cut off: the status was said before that. */
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
