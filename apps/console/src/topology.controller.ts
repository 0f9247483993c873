import { Controller, Get, HttpCode, Ip, Post } from '@nestjs/common';
import { Open } from '@tradepost/service';
import type { TopologyApplied, TopologyReport } from './api/topology';
import { ReadTopology } from './topology/read-topology';

@Controller('api/topology')
@Open('its guard wants a signed-in session')
export class TopologyController {
  constructor(private readonly topology: ReadTopology) {}

  @Get()
  async show(): Promise<TopologyReport> {
    return this.topology.report();
  }

  @Post('apply')
  @HttpCode(200)
  async apply(@Ip() ip: string): Promise<TopologyApplied> {
    return this.topology.apply(`console ${ip}`);
  }
}
