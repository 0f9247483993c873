import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { IsIntBetween, Open } from '@tradepost/service';
import type { HeldKey } from '@tradepost/messaging/ops';
import { Type } from 'class-transformer';
import { IsString, Length } from 'class-validator';
import type { PauseOutcome, PeekedMessage } from './api/queues';
import { PeekQueue } from './live/peek-queue';
import { TurnHandlers } from './live/turn-handlers';
import { Operator } from './session/operator';
import { Services } from './upstream/services';

class PeekQuery {
  @Type(() => Number)
  @IsIntBetween(1, 50)
  limit = 10;
}

/** A handler, of all processes of its service. */
class HandlerNamed {
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
    private readonly services: Services,
  ) {}

  @Get('queues/:queue/messages')
  async messages(
    @Param('queue') queue: string,
    @Query() { limit }: PeekQuery,
  ): Promise<{ items: PeekedMessage[] }> {
    return { items: await this.peek.run(queue, limit) };
  }

  @Get('held')
  async held(@Query() { service, queue }: HandlerNamed): Promise<{ items: HeldKey[] }> {
    return this.services.ask(service, `/ops/held?queue=${encodeURIComponent(queue)}`);
  }

  @Post('handlers/pause')
  @HttpCode(200)
  async pause(@Body() handler: HandlerNamed, @Operator() by: string): Promise<PauseOutcome> {
    return this.turn.run('pause', handler, by);
  }

  @Post('handlers/resume')
  @HttpCode(200)
  async resume(@Body() handler: HandlerNamed, @Operator() by: string): Promise<PauseOutcome> {
    return this.turn.run('resume', handler, by);
  }
}
