import { IsUUID } from 'class-validator';
import { work } from '@tradepost/messaging/contract';

/** Sent by log-sink to itself for each alert that is raised. */
export class NotifyAlert {
  static readonly route = work('log-sink.notify-alert');

  @IsUUID()
  alertId!: string;
}
