import type { LogLevel } from '@tradepost/contracts';
import { EventStreamConfig, IsIntBetween, IsServerUrl, IsWebhookSecret } from '@tradepost/service';
import { IsOptional, ValidateIf } from 'class-validator';

const daysMax = 3_650;

export class LogSinkConfig extends EventStreamConfig {
  override PORT = 3004;

  // This service hears its own lines. When its database is down each entry that it fails to store
  // makes new ones: at a higher rate the queues would grow without end.
  override LOG_TOPIC_PER_SECOND_MAX = 5;

  // Each reader of the tail has a statement of its own at each poll.
  override EVENT_STREAMS_MAX = 50;
  override EVENT_POLL_MS = 500;

  /** Entries and alerts of days (UTC) that are over for longer are deleted. */
  @IsIntBetween(1, daysMax)
  LOG_RETENTION_DAYS = 14;

  /** Entries of a level for so long instead. */
  @IsOptional()
  @IsIntBetween(1, daysMax)
  LOG_RETENTION_DAYS_DEBUG?: number;

  @IsOptional()
  @IsIntBetween(1, daysMax)
  LOG_RETENTION_DAYS_INFO?: number;

  @IsOptional()
  @IsIntBetween(1, daysMax)
  LOG_RETENTION_DAYS_WARNING?: number;

  @IsOptional()
  @IsIntBetween(1, daysMax)
  LOG_RETENTION_DAYS_ERROR?: number;

  @IsOptional()
  @IsIntBetween(1, daysMax)
  LOG_RETENTION_DAYS_CRITICAL?: number;

  /** Time between two searches for old ones. */
  @IsIntBetween(100, 86_400_000)
  LOG_SWEEP_EVERY_MS = 600_000;

  /** An export ends after so long, and says where to go on. */
  @IsIntBetween(0, 3_600_000)
  LOG_EXPORT_MAX_MS = 300_000;

  /** Is told of alerts. */
  @IsOptional()
  @IsServerUrl(['http', 'https'], 'https://host/path')
  ALERT_WEBHOOK_URL?: string;

  /** What it is told is signed with it. */
  @ValidateIf(({ ALERT_WEBHOOK_URL }: LogSinkConfig) => ALERT_WEBHOOK_URL !== undefined)
  @IsWebhookSecret()
  ALERT_WEBHOOK_SECRET?: string;

  /** How long a notification waits for the whole answer. */
  @IsIntBetween(100, 30_000)
  ALERT_WEBHOOK_TIMEOUT_MS = 10_000;
}

export function daysKept(config: LogSinkConfig, level: LogLevel): number {
  const name = `LOG_RETENTION_DAYS_${level.toUpperCase() as Uppercase<LogLevel>}` as const;
  return config[name] ?? config.LOG_RETENTION_DAYS;
}
