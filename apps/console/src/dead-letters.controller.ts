import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Open } from '@tradepost/service';
import type { ReplayPreview } from '@tradepost/messaging';
import type { DeadLetter, DeadLetterOverview, OperationResult, Replay } from './api/dead-letters';
import { ActOnDeadLetters } from './dead-letters/act-on-dead-letters';
import { ReadDeadLetters } from './dead-letters/read-dead-letters';
import { CheckBody, ReplayBody, SelectionBody, UndoBody } from './dead-letters/selection';
import { queryFor, type RawQuery } from './upstream/query';
import { Operator } from './session/operator';

const search = ['queue', 'code', 'id', 'type', 'field', 'q', 'from', 'to'];

@Controller('api/dead-letters')
@Open('its guard wants a signed-in session')
export class DeadLettersController {
  constructor(
    private readonly deadLetters: ReadDeadLetters,
    private readonly act: ActOnDeadLetters,
  ) {}

  @Get()
  async overview(@Query() query: RawQuery): Promise<DeadLetterOverview> {
    return this.deadLetters.overview(queryFor(query, search));
  }

  @Get('messages')
  async messages(
    @Query() query: RawQuery,
  ): Promise<{ items: DeadLetter[]; nextCursor: string | null }> {
    return this.deadLetters.page(queryFor(query, [...search, 'cursor', 'limit']));
  }

  @Post('check')
  @HttpCode(200)
  async check(@Body() { selection, body }: CheckBody): Promise<ReplayPreview> {
    return this.act.check(selection, body);
  }

  @Post('replay')
  @HttpCode(202)
  async replay(
    @Body() { selection, rate, body }: ReplayBody,
    @Operator() by: string,
  ): Promise<Replay> {
    return this.act.replay(selection, { rate, body }, by);
  }

  @Get('replays')
  async replays(): Promise<{ items: Replay[] }> {
    return { items: await this.act.list() };
  }

  @Get('replays/:id')
  async find(@Param('id') id: string): Promise<Replay> {
    return this.act.find(id);
  }

  @Post('replays/:id/pause')
  @HttpCode(200)
  async pause(@Param('id') id: string, @Operator() by: string): Promise<Replay> {
    return this.act.turn(id, 'pause', by);
  }

  @Post('replays/:id/resume')
  @HttpCode(200)
  async resume(@Param('id') id: string, @Operator() by: string): Promise<Replay> {
    return this.act.turn(id, 'resume', by);
  }

  @Post('replays/:id/stop')
  @HttpCode(200)
  async stop(@Param('id') id: string, @Operator() by: string): Promise<Replay> {
    return this.act.turn(id, 'stop', by);
  }

  @Post('discard')
  @HttpCode(200)
  async discard(
    @Body() { selection }: SelectionBody,
    @Operator() by: string,
  ): Promise<OperationResult> {
    return this.act.discard(selection, by);
  }

  @Post('undo')
  @HttpCode(200)
  async undo(
    @Body() { service, operation }: UndoBody,
    @Operator() by: string,
  ): Promise<OperationResult> {
    return this.act.undo(service, operation, by);
  }
}
