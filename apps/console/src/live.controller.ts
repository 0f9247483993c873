import { Controller, Get, Query, Res } from '@nestjs/common';
import { invalidRequest, Open } from '@tradepost/service';
import { IsOptional, IsString, Length } from 'class-validator';
import type { History } from './api/live';
import { Poller } from './live/poller';
import { StepFeed } from './live/step-feed';
import { SystemView } from './live/system-view';
import type { RawReply } from './session/request';
import { PageStreams } from './sse/page-streams';

class HistoryQuery {
  @IsOptional()
  @IsString()
  @Length(1, 255)
  queue?: string;

  @IsOptional()
  @IsString()
  @Length(1, 255)
  service?: string;
}

@Controller('api')
@Open('its guard wants a signed-in session')
export class LiveController {
  constructor(
    private readonly poller: Poller,
    private readonly view: SystemView,
    private readonly steps: StepFeed,
    private readonly streams: PageStreams,
  ) {}

  @Get('live')
  live(@Res() reply: RawReply): void {
    const stream = this.streams.open(reply);
    const leave = this.poller.read((_system, json) => stream.sendText('system', json));
    const deafen = this.steps.listen((seen) => stream.send('steps', seen));
    stream.onClose(() => {
      leave();
      deafen();
    });
  }

  @Get('history')
  history(@Query() { queue, service }: HistoryQuery): History {
    if (queue !== undefined) return this.view.histories.read(`queue ${queue}`);
    if (service !== undefined) return this.view.histories.read(`service ${service}`);
    throw invalidRequest([{ pointer: '/queue', detail: 'required: queue or service' }]);
  }
}
