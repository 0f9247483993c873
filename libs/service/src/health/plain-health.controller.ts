import { Controller, Get, Res } from '@nestjs/common';
import { DatabaseCheck } from './database-check';
import type { Check } from './readiness';

/** The health of a server without a broker. */
@Controller('health')
export class PlainHealthController {
  constructor(private readonly database: DatabaseCheck) {}

  /** The process runs and answers. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The database answers. */
  @Get('ready')
  async ready(
    @Res({ passthrough: true }) reply: { status(code: number): unknown },
  ): Promise<Check & { checks: { database: Check } }> {
    const database = await this.database.run();
    if (database.status !== 'ok') reply.status(503);
    return { status: database.status, checks: { database } };
  }
}
