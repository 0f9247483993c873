import { Injectable } from '@nestjs/common';
import { NotifyAlert } from '@tradepost/contracts';
import { Message, OnWork } from '@tradepost/messaging';
import { NotifyOfAlert } from './alerts/notify-of-alert';

/** Who is told of a rule's alerts may show the last: an older one must not come after it. */
@Injectable()
export class NotifyAlertWork {
  constructor(private readonly notify: NotifyOfAlert) {}

  @OnWork(NotifyAlert, { orderedBy: 'ruleId', partitions: 2 })
  async handle({ alertId }: NotifyAlert, message: Message): Promise<void> {
    await this.notify.run(alertId, message);
  }
}
