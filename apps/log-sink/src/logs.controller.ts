import { Controller, Get, Query } from '@nestjs/common';
import { type LogLevel, logLevels } from '@tradepost/contracts';
import { decodeCursor, type Page, PageQuery, toPage } from '@tradepost/service';
import { IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
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
}

@Controller('v1/logs')
export class LogsController {
  constructor(private readonly logs: LogsStore) {}

  /** Newest first. Entries that come meanwhile shift no page: a cursor is a place in time. */
  @Get()
  async list(
    @Query() { cursor, limit, ...filter }: LogsQuery,
  ): Promise<Page<Omit<StoredEntry, 'seq'>>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, 'time', 'integer');
    const rows = await this.logs.list(filter, before, limit + 1);
    const page = toPage(rows, limit, ({ time, seq }) => [time.toISOString(), seq]);
    return { ...page, items: page.items.map(({ seq: _, ...entry }) => entry) };
  }
}
