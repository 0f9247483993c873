import { PageQuery } from '@tradepost/service';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { type AlertLevel, alertLevels } from './alert-rule';

/** The query of `GET /v1/alerts`. */
export class AlertsQuery extends PageQuery {
  @IsOptional()
  @IsIn(alertLevels)
  level?: AlertLevel;

  @IsOptional()
  @IsIn(['true', 'false'])
  acknowledged?: 'true' | 'false';
}

/** The body of `POST /v1/alerts/{id}/acknowledge`. */
export class AcknowledgeRequest {
  static readonly sample: AcknowledgeRequest = { by: 'ada', note: 'the provider is down' };

  /** Who. */
  @IsString()
  @Length(1, 100)
  by!: string;

  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  note?: string | null;
}

/** The body of `POST /v1/alert-rules`. */
export class AlertRuleRequest {
  static readonly sample: AlertRuleRequest = {
    name: 'payments that time out',
    level: 'warning',
    service: 'payments',
    threshold: 10,
    windowSeconds: 60,
  };

  @IsString()
  @Length(1, 100)
  name!: string;

  @IsIn(alertLevels)
  level!: AlertLevel;

  /** Absent or null: of every service. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  service?: string | null;

  /** Absent or null: with every message. */
  @IsOptional()
  @IsString()
  @Length(1, 500)
  message?: string | null;

  @IsInt()
  @Min(1)
  @Max(1_000_000)
  threshold!: number;

  @IsInt()
  @Min(10)
  @Max(86_400)
  windowSeconds!: number;

  /** Absent or null: yes. */
  @IsOptional()
  @IsBoolean()
  notify?: boolean | null;
}
