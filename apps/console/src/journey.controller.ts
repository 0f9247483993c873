import { Controller, Get, Headers, HttpStatus, Param, Res } from '@nestjs/common';
import { Open } from '@tradepost/service';
import type { HttpReply } from '@tradepost/service';
import type { Journey } from './api/journey';
import { endedId, WatchJourney } from './journey/watch-journey';
import type { RawReply } from './session/request';
import { PageStreams } from './sse/page-streams';

@Controller('api/orders/:id/journey')
@Open('its guard wants a signed-in session')
export class JourneyController {
  constructor(
    private readonly journeys: WatchJourney,
    private readonly streams: PageStreams,
  ) {}

  @Get()
  async show(@Param('id') id: string): Promise<Journey> {
    return this.journeys.once(id);
  }

  /** 204: it has ended, and the page has seen it. A browser then asks no more. */
  @Get('live')
  async live(
    @Param('id') id: string,
    @Headers('last-event-id') last: string | undefined,
    @Res() reply: RawReply & HttpReply,
  ): Promise<void> {
    if (last === endedId) {
      reply.status(HttpStatus.NO_CONTENT);
      reply.send(Buffer.alloc(0));
      return;
    }
    await this.journeys.refuseUnknown(id);
    this.journeys.follow(this.streams.open(reply), id);
  }
}
