import { Injectable } from '@nestjs/common';
import { NotifyAlert } from '@tradepost/contracts';
import { Message, OnWork } from '@tradepost/messaging';
import { NotifyOfAlert } from './alerts/notify-of-alert';

@Injectable()
export class NotifyAlertWork {
  constructor(private readonly notify: NotifyOfAlert) {}

  @OnWork(NotifyAlert)
  async handle({ alertId }: NotifyAlert, message: Message): Promise<void> {
    await this.notify.run(alertId, message);
  }
}
