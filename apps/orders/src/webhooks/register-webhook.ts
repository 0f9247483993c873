import { Injectable } from '@nestjs/common';
import { Idempotency, invalidRequest, Problem } from '@tradepost/service';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { OrdersConfig } from '../orders.config';
import { hostOf, PrivateAddress, publicLookup } from './public-address';
import { type Endpoint, webhookTypes } from './webhook';
import type { WebhookRequest } from './webhook-request';
import { WebhooksStore } from './webhooks.store';

/** Each state of an order makes a delivery to each of them. */
const endpointsMax = 20;
const lookupTimeoutMs = 5_000;
/** As many bits as SHA-256 can make use of. */
const secretBytes = 32;

@Injectable()
export class RegisterWebhook {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly webhooks: WebhooksStore,
    private readonly config: OrdersConfig,
  ) {}

  /**
   * @returns the endpoint with its secret, which is not shown again
   * @throws Problem 400 (no HTTP URL), 422 (not a public address), 409 (too many endpoints)
   */
  async run(request: WebhookRequest): Promise<Endpoint & { secret: string }> {
    const url = readUrl(request.url);
    if (!this.config.WEBHOOKS_ALLOW_PRIVATE) await this.refuseUnlessPublic(url);
    const secret = `whsec_${randomBytes(secretBytes).toString('base64')}`;
    const events = request.events ?? [...webhookTypes];
    return this.idempotency.transaction(async (tx) => {
      const endpoint = { id: uuidv7(), url: url.href, events, createdAt: new Date() };
      if (!(await this.webhooks.insert(tx, { ...endpoint, secret }, endpointsMax))) throw full();
      return { ...endpoint, disabledAt: null, disabledReason: null, secret };
    });
  }

  /** An early answer to a typing error; each connection checks the address again. */
  private async refuseUnlessPublic(url: URL): Promise<void> {
    const host = hostOf(url);
    try {
      await resolve(host);
    } catch (error) {
      if (error instanceof PrivateAddress) throw refused(error.message);
      throw refused(`${host} cannot be found`);
    }
  }
}

/** @throws Problem 400 */
function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw invalidUrl('must be an http or https URL');
  }
  if (url.username || url.password) throw invalidUrl('must not have a user or a password');
  // The normalized URL may be longer than the given one.
  if (url.href.length > 2_048) throw invalidUrl('must not be longer than 2048 characters');
  url.hash = '';
  return url;
}

/** Rejects unless the name has a public address. */
async function resolve(host: string): Promise<void> {
  const late = delay(lookupTimeoutMs, undefined, { ref: false }).then(() => {
    throw new Error(`no answer in ${lookupTimeoutMs} ms`);
  });
  await Promise.race([promisify(publicLookup)(host, { all: true }), late]);
}

function invalidUrl(detail: string): Problem {
  return invalidRequest([{ pointer: '/url', detail }]);
}

function refused(detail: string): Problem {
  return new Problem({
    status: 422,
    type: 'webhook-url-refused',
    title: 'Webhooks are not sent to this URL',
    detail,
    errors: [{ pointer: '/url', detail }],
  });
}

function full(): Problem {
  return new Problem({
    status: 409,
    type: 'too-many-webhooks',
    title: 'Too many webhooks',
    detail: `there are ${endpointsMax} already: delete one first`,
  });
}
