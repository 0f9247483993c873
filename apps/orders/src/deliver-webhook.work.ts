import { Injectable } from '@nestjs/common';
import { DeliverWebhook as Due } from '@tradepost/contracts';
import { Message, OnWork } from '@tradepost/messaging';
import { DeliverWebhook } from './webhooks/deliver-webhook';

/** A delivery is mostly waiting: so many at a time, that a slow endpoint leaves room for others. */
const prefetch = 100;

@Injectable()
export class DeliverWebhookWork {
  constructor(private readonly deliverWebhook: DeliverWebhook) {}

  @OnWork(Due, { prefetch })
  async handle(due: Due, message: Message): Promise<void> {
    await this.deliverWebhook.run(due, message);
  }
}
