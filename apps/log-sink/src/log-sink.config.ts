import { IsIntBetween, ServiceConfig } from '@tradepost/service';

export class LogSinkConfig extends ServiceConfig {
  override PORT = 3004;

  // This service hears its own lines. When its database is down each entry that it fails to store
  // makes new ones: at a higher rate the queues would grow without end.
  override LOG_TOPIC_PER_SECOND_MAX = 5;

  /** Entries and alerts of days (UTC) that are over for longer are deleted. */
  @IsIntBetween(1, 3_650)
  LOG_RETENTION_DAYS = 14;

  /** Time between two searches for old ones. */
  @IsIntBetween(100, 86_400_000)
  LOG_SWEEP_EVERY_MS = 600_000;
}
