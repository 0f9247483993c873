import { IsUUID } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by log-sink to itself for each alert that is raised; those of a rule in their order. */
export class NotifyAlert {
  static readonly route = work('log-sink.notify-alert', { key: 'ruleId' });
  static readonly sample: NotifyAlert = {
    alertId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0b',
    ruleId: '01980000-0000-7000-8000-000000000002',
  };

  @IsUUID()
  alertId!: string;

  @IsUUID()
  ruleId!: string;
}
