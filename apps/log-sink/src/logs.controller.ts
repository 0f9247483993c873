import { Controller, Get, Query } from '@nestjs/common';
import { type LogLevel, logLevels } from '@tradepost/contracts';
import { decodeCursor, type Page, PageQuery, toPage } from '@tradepost/service';
import { IsIn, IsOptional, IsString, Length, Matches, ValidateBy } from 'class-validator';
import { LogsStore, type StoredEntry } from './logs.store';

class LogsQuery extends PageQuery {
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
  q?: string;

  /** `field.orderId=…&field.state=…`: the entries that have them all. */
  @IsOptional()
  @ValidateBy({
    name: 'fields',
    validator: { validate: areFields, defaultMessage: () => fieldsRule },
  })
  field?: Record<string, string>;
}

const fieldsMax = 5;
const valueMax = 200;
const fieldsRule =
  `$property must be up to ${fieldsMax} of field.<name>, each given once: ` +
  `a name of letters, digits and _, a value of 1 to ${valueMax} characters`;

function areFields(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = Object.entries(value);
  return (
    fields.length <= fieldsMax &&
    fields.every(
      ([name, text]) =>
        /^[a-z]\w{0,63}$/i.test(name) &&
        typeof text === 'string' &&
        text.length > 0 &&
        text.length <= valueMax,
    )
  );
}

@Controller('v1/logs')
export class LogsController {
  constructor(private readonly logs: LogsStore) {}

  /** Newest first. Entries that come meanwhile shift no page: a cursor is a position in time. */
  @Get()
  async list(@Query() { cursor, limit, ...filter }: LogsQuery): Promise<Page<StoredEntry>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, 'time', 'string');
    const rows = await this.logs.list(filter, before, limit + 1);
    return toPage(rows, limit, ({ time, id }) => [time.toISOString(), id]);
  }
}
