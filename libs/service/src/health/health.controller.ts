import { Controller, Get, Optional, Res } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { ModuleRef } from '@nestjs/core';
import { MessagingHealth } from '@tradepost/messaging';
import { Open } from '../auth/route-access';
import { Drain } from './drain';
import { OwnFigures } from './own-figures';
import { check, readOwn, type Readiness, warningsOf } from './readiness';
import type { HttpReply } from '../http/problem';
import { ServiceLogger } from '../logging/service-logger';

@Controller('health')
@Open('probes have no token')
export class HealthController {
  private pinging?: Promise<void>;

  constructor(
    private readonly logger: ServiceLogger,
    private readonly drain: Drain,
    private readonly modules: ModuleRef,
    // A server without a broker or a database has none.
    @Optional() private readonly messaging?: MessagingHealth,
    @Optional() private readonly db?: Db,
  ) {}

  /** Check that the process runs and answers. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * Check that the service can do its work. The broker has its consumers, no message is held up,
   * and the database answers. The answer comes within some 3 s, also when broker or database is
   * silent.
   */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: HttpReply): Promise<Readiness> {
    if (this.drain.hasBegun) {
      reply.status(503);
      return { status: 'stopping', checks: {} };
    }
    const [database, { broker, figures }, own] = await Promise.all([
      this.databaseSide(),
      this.brokerSide(),
      readOwn(this.own()),
    ]);
    const ready = database?.status !== 'failing' && broker?.status !== 'failing';
    if (!ready) reply.status(503);
    return {
      status: ready ? 'ok' : 'failing',
      checks: { ...(broker && { broker }), ...(database && { database }) },
      ...(figures && {
        warnings: [...warningsOf(figures), ...own.warnings],
        figures: { ...figures, ...own.figures },
      }),
    };
  }

  // It is a provider of the service's module, which this one does not know.
  private own(): OwnFigures | undefined {
    try {
      return this.modules.get(OwnFigures, { strict: false });
    } catch {
      return undefined;
    }
  }

  // One at a time: the checks of a database that does not answer must not use up its pool.
  private async databaseSide(): Promise<Readiness['checks']['database']> {
    const { db } = this;
    if (!db) return undefined;
    return check(async () => {
      this.pinging ??= db.ping().finally(() => (this.pinging = undefined));
      await this.pinging;
      return { problems: [] };
    });
  }

  private async brokerSide(): Promise<Pick<Readiness, 'figures'> & Partial<Readiness['checks']>> {
    const { messaging } = this;
    if (!messaging) return {};
    const [broker, figures] = await Promise.all([
      check(async () => {
        const { problems, nodes } = await messaging.check();
        return { problems, nodes };
      }),
      messaging.figures(),
    ]);
    return { broker, figures: { ...figures, droppedLogLines: this.logger.dropped } };
  }
}
