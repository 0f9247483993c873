import { Controller, Get, Headers, Query, Res, StreamableFile } from '@nestjs/common';
import {
  decodeCursor,
  eventStreamHeaders,
  type HttpReply,
  type Page,
  Scope,
  toPage,
} from '@tradepost/service';
import { type Arrivals, ArrivalsStore } from './entries/arrivals.store';
import { ExportLogs } from './entries/export-logs';
import { ExportQuery, LogsFilter, LogsQuery } from './entries/logs-query';
import { LogsStore, type StoredEntry } from './entries/logs.store';
import { TailStreams } from './tail/tail-streams';

@Controller('v1/logs')
@Scope('logs:read')
export class LogsController {
  constructor(
    private readonly logs: LogsStore,
    private readonly tails: TailStreams,
    private readonly exports: ExportLogs,
    private readonly arrivals: ArrivalsStore,
  ) {}

  /**
   * Search log lines. Newest first. Entries that come meanwhile shift no page: a cursor is a
   * position in time.
   */
  @Get()
  async list(@Query() { cursor, limit, ...filter }: LogsQuery): Promise<Page<StoredEntry>> {
    const rows = await this.logs.list(filter, positionOf(cursor), limit + 1);
    return toPage(rows, limit, ({ time, id }) => [time.toISOString(), id]);
  }

  /** Follow log lines as they come. Server-sent events, from the one after `Last-Event-ID` on. */
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

  /** Count log lines by the queue that brought them. Those that did not come, too. */
  @Get('arrivals')
  async listArrivals(): Promise<{ items: Arrivals[] }> {
    return { items: await this.arrivals.list() };
  }

  /**
   * Export log lines as NDJSON. Newest first. The last line is no entry: it says whether that is
   * whole.
   */
  @Get('export')
  async export(
    @Query() { cursor, ...filter }: ExportQuery,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const file = await this.exports.open(filter, positionOf(cursor));
    reply.headers({ 'cache-control': 'no-store' });
    const disposition = 'attachment; filename="logs.ndjson"';
    return new StreamableFile(file, { type: 'application/x-ndjson', disposition });
  }
}

function positionOf(cursor: string | undefined) {
  return cursor === undefined ? undefined : decodeCursor(cursor, 'time', 'string');
}
