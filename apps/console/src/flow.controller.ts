import { Controller, Get } from '@nestjs/common';
import { Open } from '@tradepost/service';
import type { Flow } from './api/flow';
import { ReadFlow } from './flow/read-flow';

@Controller('api/flow')
@Open('its guard wants a signed-in session')
export class FlowController {
  constructor(private readonly flow: ReadFlow) {}

  @Get()
  async show(): Promise<Flow> {
    return this.flow.read();
  }
}
