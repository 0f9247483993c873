import { Injectable, Logger } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { CallbacksStore, type DueCallback } from './callbacks.store';
import { SandboxGatewayConfig } from '../sandbox-gateway.config';

const batchMax = 20;
/** The receiver's answer is waited for so long. */
const timeoutMs = 3_000;
/** A callback that a gateway took and was killed with is sent by the next one. */
const heldMs = 10_000;
/** With these waits a receiver may be away for two minutes. */
const triesMax = 10;
const waitMs = (tries: number): number => Math.min(250 * 2 ** tries, 30_000);

/** Sends callbacks that are due, signed per Standard Webhooks, until the receiver takes them. */
@Injectable()
export class SendCallbacks {
  private readonly logger = new Logger(SendCallbacks.name);

  constructor(
    private readonly config: SandboxGatewayConfig,
    private readonly callbacks: CallbacksStore,
  ) {}

  /** @returns whether there may be more of them */
  async run(): Promise<boolean> {
    const { CALLBACK_URL: url, CALLBACK_SECRET: secret } = this.config;
    if (url === undefined || secret === undefined) return false;
    const due = await this.callbacks.takeDue(batchMax, heldMs);
    await Promise.all(due.map((callback) => this.send(callback, url, new Webhook(secret))));
    return due.length === batchMax;
  }

  private async send(callback: DueCallback, url: string, signer: Webhook): Promise<void> {
    const error = await failureOf(() => post(callback, url, signer));
    if (error === undefined) return this.callbacks.delete(callback.id);
    const { id, tries, webhookId } = callback;
    const isLast = tries >= triesMax;
    await this.callbacks.postpone(id, waitMs(tries), error, isLast);
    if (isLast) this.logger.warn(`callback ${webhookId} given up after ${tries} tries: ${error}`);
  }
}

async function post(
  { webhookId, body }: DueCallback,
  url: string,
  signer: Webhook,
): Promise<string | undefined> {
  const now = new Date();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': webhookId,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': signer.sign(webhookId, now, body),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  return response.ok ? undefined : `it answered ${response.status}`;
}

/** What is wrong, in words; undefined when nothing is. */
async function failureOf(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    const { cause } = error as Error;
    return String(cause instanceof Error ? cause : error);
  }
}
