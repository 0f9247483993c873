import {
  IsIn,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Length,
  MaxLength,
} from 'class-validator';
import { topic } from '@tradepost/messaging/contract';

export const logLevels = ['debug', 'info', 'warning', 'error', 'critical'] as const;

export type LogLevel = (typeof logLevels)[number];

/** Published by every service, best effort, with the key `log.<level>`. */
export class LogEntry {
  static readonly route = topic('logs');

  @IsIn(logLevels)
  level!: LogLevel;

  @IsString()
  @Length(1, 64)
  service!: string;

  @IsString()
  @MaxLength(8_192)
  message!: string;

  @IsISO8601()
  time!: string;

  /** The part of the service that speaks, such as a class name. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  context?: string;

  /** The W3C trace id of the flow that this line belongs to. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  traceId?: string;

  @IsOptional()
  @IsObject()
  data?: Record<string, unknown>;
}
