import { Controller, Get, Param, Res } from '@nestjs/common';
import type { Journey } from './api';
import { WatchJourney } from './journey/watch-journey';
import type { RawReply } from './session/request';
import { PageStreams } from './sse/page-streams';

@Controller('api/orders/:id/journey')
export class JourneyController {
  constructor(
    private readonly journeys: WatchJourney,
    private readonly streams: PageStreams,
  ) {}

  @Get()
  async show(@Param('id') id: string): Promise<Journey> {
    return this.journeys.once(id);
  }

  @Get('live')
  live(@Param('id') id: string, @Res() reply: RawReply): void {
    this.journeys.follow(this.streams.open(reply), id);
  }
}
