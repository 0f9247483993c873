import { Controller, Get, Headers, Query, Res, StreamableFile } from '@nestjs/common';
import {
  decodeCursor,
  eventStreamHeaders,
  type HttpReply,
  type Page,
  toPage,
} from '@tradepost/service';
import { LogsFilter, LogsQuery } from './entries/logs-query';
import { LogsStore, type StoredEntry } from './entries/logs.store';
import { TailStreams } from './tail/tail-streams';

@Controller('v1/logs')
export class LogsController {
  constructor(
    private readonly logs: LogsStore,
    private readonly tails: TailStreams,
  ) {}

  /** Newest first. Entries that come meanwhile shift no page: a cursor is a position in time. */
  @Get()
  async list(@Query() { cursor, limit, ...filter }: LogsQuery): Promise<Page<StoredEntry>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, 'time', 'string');
    const rows = await this.logs.list(filter, before, limit + 1);
    return toPage(rows, limit, ({ time, id }) => [time.toISOString(), id]);
  }

  /** Entries as they come: server-sent events, from the one after `Last-Event-ID` on. */
  @Get('tail')
  async tail(
    @Query() filter: LogsFilter,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const stream = await this.tails.open(filter, lastEventId);
    reply.headers(eventStreamHeaders);
    return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' });
  }
}
