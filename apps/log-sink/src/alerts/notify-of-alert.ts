import { Injectable, IntrinsicException } from '@nestjs/common';
import type { Message } from '@tradepost/messaging';
import { keysOf, postWebhook, reasonOf, webhookIdOf } from '@tradepost/service';
import { Agent } from 'undici';
import { LogSinkConfig } from '../log-sink.config';
import { type Alert, AlertsStore } from './alerts.store';

/** The endpoint did not take it. The message is dead-lettered as `notification_failed`. */
class NotificationFailed extends IntrinsicException {
  override readonly name = 'NotificationFailed';
}

/**
 * Tells ALERT_WEBHOOK_URL of an alert, until that answers 2xx. Runs as often as its message is
 * delivered: a receiver knows a copy by its id. The address is an operator's choice, so that it may
 * be a private one.
 */
@Injectable()
export class NotifyOfAlert {
  // A connection for each post: they are few.
  private readonly dispatcher: Agent;

  constructor(
    private readonly config: LogSinkConfig,
    private readonly alerts: AlertsStore,
  ) {
    const timeout = config.ALERT_WEBHOOK_TIMEOUT_MS;
    this.dispatcher = new Agent({ pipelining: 0, connect: { timeout } });
  }

  /** @throws NotificationFailed so that the message is retried */
  async run(alertId: string, message: Message): Promise<void> {
    const alert = await this.alerts.find(alertId);
    if (alert === undefined || alert.notification === 'delivered') return;
    const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret } = this.config;
    // Nobody is to be told any more.
    if (url === undefined || secret === undefined) {
      return this.alerts.setNotification([alertId], null);
    }
    const problem = await this.post(alert, url);
    if (problem === undefined) return this.alerts.setNotification([alertId], 'delivered');
    if (message.isLastAttempt) await this.alerts.setNotification([alertId], 'failed');
    throw new NotificationFailed(`${webhookIdOf(alertId)}: ${problem}`);
  }

  /** @returns why it is not delivered */
  private async post(alert: Alert, url: string): Promise<string | undefined> {
    const { notification: _, ...data } = alert;
    const body = JSON.stringify({ type: 'alert.raised', timestamp: alert.raisedAt, data });
    const { dispatcher, config } = this;
    const timeoutMs = config.ALERT_WEBHOOK_TIMEOUT_MS;
    try {
      const keys = keysOf(config, 'ALERT_WEBHOOK_SECRET')();
      const post = { id: alert.id, url: new URL(url), keys, body, timeoutMs, dispatcher };
      const status = await postWebhook(post);
      return status < 300 ? undefined : `answered ${status}`;
    } catch (error) {
      return reasonOf(error);
    }
  }
}
