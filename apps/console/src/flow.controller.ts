import { Controller, Get } from '@nestjs/common';
import type { Flow } from './api/flow';
import { ReadFlow } from './flow/read-flow';

@Controller('api/flow')
export class FlowController {
  constructor(private readonly flow: ReadFlow) {}

  @Get()
  async show(): Promise<Flow> {
    return this.flow.read();
  }
}
