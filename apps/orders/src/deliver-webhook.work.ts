import { Injectable } from '@nestjs/common';
import { DeliverWebhook } from '@tradepost/contracts';
import { Message, OnWork } from '@tradepost/messaging';
import { DeliverWebhook as DeliverWebhookUseCase } from './webhooks/deliver-webhook';

/** A delivery mostly waits: many at a time, so that slow endpoints leave room for others. */
const prefetch = 100;

@Injectable()
export class DeliverWebhookWork {
  constructor(private readonly deliverWebhook: DeliverWebhookUseCase) {}

  @OnWork(DeliverWebhook, { prefetch })
  async handle({ deliveryId }: DeliverWebhook, message: Message): Promise<void> {
    await this.deliverWebhook.run(deliveryId, message);
  }
}
