import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { IsIntBetween, Open } from '@tradepost/service';
import { Type } from 'class-transformer';
import { IsString, Length } from 'class-validator';
import type { PauseOutcome, PeekedMessage } from './api/queues';
import { PeekQueue } from './live/peek-queue';
import { TurnHandlers } from './live/turn-handlers';
import { Operator } from './session/operator';

class PeekQuery {
  @Type(() => Number)
  @IsIntBetween(1, 50)
  limit = 10;
}

class HandlerBody {
  @IsString()
  @Length(1, 64)
  service!: string;

  @IsString()
  @Length(1, 255)
  queue!: string;
}

@Controller('api')
@Open('its guard wants a signed-in session')
export class QueuesController {
  constructor(
    private readonly peek: PeekQueue,
    private readonly turn: TurnHandlers,
  ) {}

  @Get('queues/:queue/messages')
  async messages(
    @Param('queue') queue: string,
    @Query() { limit }: PeekQuery,
  ): Promise<{ items: PeekedMessage[] }> {
    return { items: await this.peek.run(queue, limit) };
  }

  @Post('handlers/pause')
  @HttpCode(200)
  async pause(@Body() handler: HandlerBody, @Operator() by: string): Promise<PauseOutcome> {
    return this.turn.run('pause', handler, by);
  }

  @Post('handlers/resume')
  @HttpCode(200)
  async resume(@Body() handler: HandlerBody, @Operator() by: string): Promise<PauseOutcome> {
    return this.turn.run('resume', handler, by);
  }
}
