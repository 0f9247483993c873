import { type LogLevel, logLevels } from '@tradepost/contracts';
import { IsFieldFilter, pageMax, pageQuery } from '@tradepost/service';
import { IsIn, IsOptional, IsString, Length, Matches, ValidateBy } from 'class-validator';
import type { LogFilter } from './log-filter';

/** The filters of every address that reads entries. */
export class LogsFilter implements LogFilter {
  @IsOptional()
  @IsIn(logLevels)
  level?: LogLevel;

  @IsOptional()
  @IsString()
  @Length(1, 64)
  service?: string;

  @IsOptional()
  @Matches(/^[\da-f]{32}$/, { message: 'traceId must be 32 hexadecimal digits' })
  traceId?: string;

  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/[\p{L}\p{N}]/u, { message: 'q must have a letter or a digit' })
  q?: string;

  /** `field.orderId=…&field.state=…`: the entries that have them all. */
  @IsFieldFilter()
  field?: Record<string, string>;
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;

const IsTime = () =>
  ValidateBy(
    {
      name: 'time',
      validator: {
        validate: isTime,
        defaultMessage: () => '$property must be a time: 2026-01-31T09:00:00Z',
      },
    },
    { context: { schema: { type: 'string', format: 'date-time', pattern: time.source } } },
  );

/** With a range of times, where there is an end. */
class TimesFilter extends LogsFilter {
  @IsOptional()
  @IsTime()
  from?: string;

  @IsOptional()
  @IsTime()
  to?: string;
}

export class LogsQuery extends pageQuery(pageMax, TimesFilter) {}

/** Goes on from a `cursor` of a list or of an export. */
export class ExportQuery extends TimesFilter {
  @IsOptional()
  @IsString()
  @Length(1, 500)
  cursor?: string;
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && time.test(value) && !Number.isNaN(Date.parse(value));
}
