import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { Open } from '@tradepost/service';
import { IsOptional, IsString, Length } from 'class-validator';
import type { Alert, LogEntry } from './api/logs';
import { TailLogs } from './logs/tail-logs';
import { Note } from './operations/note';
import { PageStreams } from './sse/page-streams';
import { pathWith, queryFor, type RawQuery } from './upstream/query';
import { Services } from './upstream/services';
import type { RawReply } from './session/request';
import { Operator } from './session/operator';

const filters = ['level', 'service', 'traceId', 'q', 'field', 'from', 'to'];

class AcknowledgeBody {
  @IsOptional()
  @IsString()
  @Length(1, 500)
  note?: string;
}

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

@Controller('api')
@Open('its guard wants a signed-in session')
export class LogsController {
  constructor(
    private readonly services: Services,
    private readonly tail: TailLogs,
    private readonly streams: PageStreams,
    private readonly note: Note,
  ) {}

  @Get('logs')
  async list(@Query() query: RawQuery): Promise<Page<LogEntry>> {
    const params = queryFor(query, [...filters, 'cursor', 'limit']);
    return this.services.ask('log-sink', pathWith('/v1/logs', params));
  }

  @Get('logs/tail')
  follow(@Query() query: RawQuery, @Res() reply: RawReply): void {
    const params = queryFor(query, filters);
    this.tail.follow(this.streams.open(reply), params);
  }

  @Get('alerts')
  async alerts(@Query() query: RawQuery): Promise<Page<Alert>> {
    const params = queryFor(query, ['level', 'acknowledged', 'cursor', 'limit']);
    return this.services.ask('log-sink', pathWith('/v1/alerts', params));
  }

  @Post('alerts/:id/acknowledge')
  @HttpCode(200)
  async acknowledge(
    @Param('id') id: string,
    @Body() { note }: AcknowledgeBody,
    @Operator() by: string,
  ): Promise<Alert> {
    const path = `/v1/alerts/${encodeURIComponent(id)}/acknowledge`;
    const body = { by, ...(note !== undefined && { note }) };
    const alert = await this.services.ask<Alert>('log-sink', path, { method: 'POST', body });
    this.note.say({ operation: 'acknowledge alert', by, outcome: 'done', text: alert.message });
    return alert;
  }
}
