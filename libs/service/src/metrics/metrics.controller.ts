import { Controller, Get, Res } from '@nestjs/common';
import { Scope } from '../auth/route-access';
import type { HttpReply } from '../http/problem';
import { Metrics } from './metrics';

@Controller('metrics')
@Scope('ops')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** Read what this process counts, for Prometheus. */
  @Get()
  async get(@Res({ passthrough: true }) reply: HttpReply): Promise<string> {
    const { contentType, text } = await this.metrics.text();
    reply.header('content-type', contentType);
    return text;
  }
}
