import { Injectable } from '@nestjs/common';
import { keysOf, Periodic, signatureBy } from '@tradepost/service';
import { request } from 'undici';
import { CallbacksStore, type DueCallback } from './callbacks.store';
import { SandboxGatewayConfig } from '../sandbox-gateway.config';

const everyMs = 250;
const batches = { size: 20, max: 100 };
/** For the receiver's response. */
const timeoutMs = 3_000;
/** A callback that a replica took and was killed with is sent by another one. */
const heldMs = 10_000;
/** With these waits a receiver may be away for two minutes. */
const triesMax = 10;
const waitMs = (tries: number): number => Math.min(250 * 2 ** tries, 30_000);

/** Sends due callbacks, signed per Standard Webhooks, until the receiver accepts them. */
@Injectable()
export class SendCallbacks extends Periodic {
  constructor(
    private readonly config: SandboxGatewayConfig,
    private readonly callbacks: CallbacksStore,
  ) {
    super(everyMs);
  }

  async run(): Promise<void> {
    const { CALLBACK_URL: url, CALLBACK_SECRET: secret } = this.config;
    if (url === undefined || secret === undefined) return;
    const keys = keysOf(this.config, 'CALLBACK_SECRET')();
    await this.inBatches(batches, async (size) => {
      const due = await this.callbacks.takeDue(size, heldMs);
      await Promise.all(due.map((callback) => this.send(callback, url, keys)));
      return due.length;
    });
  }

  private async send(callback: DueCallback, url: string, keys: string[]): Promise<void> {
    const error = await failureOf(() => post(callback, url, keys));
    if (error === undefined) return this.callbacks.delete(callback.id);
    const { id, tries, webhookId } = callback;
    const isLast = tries >= triesMax;
    await this.callbacks.postpone(id, waitMs(tries), error, isLast);
    if (isLast) this.log.warn('callback dropped', { webhookId, tries, error });
  }
}

async function post(
  { webhookId, body }: DueCallback,
  url: string,
  keys: string[],
): Promise<string | undefined> {
  const now = new Date();
  const { statusCode: status, body: rest } = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': webhookId,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': signatureBy(keys, webhookId, now, body),
    },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  // The status counts, even if the rest of the answer fails.
  await rest.dump().catch(() => undefined);
  return status >= 200 && status < 300 ? undefined : `it answered ${status}`;
}

/** @returns undefined when it succeeded */
async function failureOf(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    return String(error);
  }
}
