import { Controller, Get, Res } from '@nestjs/common';
import { MessagingHealth } from '@tradepost/messaging';
import { check } from './check';
import { DatabaseCheck } from './database-check';
import { type Readiness, warningsOf } from './readiness';
import { ServiceLogger } from '../logging/service-logger';

@Controller('health')
export class HealthController {
  constructor(
    private readonly messaging: MessagingHealth,
    private readonly database: DatabaseCheck,
    private readonly logger: ServiceLogger,
  ) {}

  /** The process runs and answers. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * The service can do its work: the broker has its consumers, none of its messages is held up, and
   * the database answers. The answer comes within some 3 s, whatever does not answer itself.
   */
  @Get('ready')
  async ready(
    @Res({ passthrough: true }) reply: { status(code: number): unknown },
  ): Promise<Readiness> {
    const [broker, database, messaging] = await Promise.all([
      check(async () => (await this.messaging.check()).problems),
      this.database.run(),
      this.messaging.figures(),
    ]);
    const ready = broker.status === 'ok' && database.status === 'ok';
    if (!ready) reply.status(503);
    const figures = { ...messaging, droppedLogLines: this.logger.dropped };
    const status = ready ? 'ok' : 'failing';
    return { status, checks: { broker, database }, warnings: warningsOf(figures), figures };
  }
}
