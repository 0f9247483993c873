import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsRFC3339,
  IsString,
  IsUUID,
  Length,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { topic } from '@tradepost/messaging/contract';

export const logLevels = ['debug', 'info', 'warning', 'error', 'critical'] as const;

export type LogLevel = (typeof logLevels)[number];

/** A line of a service's log. */
export class LogEntry {
  static readonly sample: LogEntry = {
    level: 'info',
    service: 'orders',
    message: 'order placed',
    time: '2026-01-31T12:00:00.000Z',
    context: 'PlaceOrder',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    data: {
      orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
      ms: 12,
      deep: [{ a: null }, 'b', [true]],
    },
  };

  @IsIn(logLevels)
  level!: LogLevel;

  @IsString()
  @Length(1, 64)
  service!: string;

  @IsString()
  @MaxLength(8_192)
  message!: string;

  @IsRFC3339()
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

  /** Of the span that ran, where the service keeps spans. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  spanId?: string;

  @IsOptional()
  @IsObject()
  data?: Record<string, unknown>;
}

/** Numbers the lines of a level that one process publishes: who misses some sees the gap. */
export class LogSequence {
  static readonly sample: LogSequence = {
    instance: '2f1c0f7e-4b63-4d0a-9d3f-3f2d7c8a9b10',
    first: 1,
  };

  /** The process. */
  @IsUUID()
  instance!: string;

  /** The number of the first entry; the first ever is 1. */
  @IsInt()
  @Min(1)
  first!: number;
}

/**
 * The lines of one level that a service has logged in a moment, oldest first. Published by every
 * service, best effort, with the key `log.<level>`.
 */
export class LogEntries {
  static readonly route = topic('logs', {
    anyText: true,
    keys: logLevels.map((level) => `log.${level}`),
  });
  static readonly sample: LogEntries = {
    entries: [LogEntry.sample, LogEntry.sample],
    sequence: LogSequence.sample,
  };

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  // Without it ValidateNested lets an empty list pass for an entry.
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => LogEntry)
  entries!: LogEntry[];

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => LogSequence)
  sequence?: LogSequence;
}
