import { Controller, Get, Res } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { MessagingHealth } from '@tradepost/messaging';
import { type Check, type Readiness, warningsOf } from './readiness';
import { ServiceLogger } from './service-logger';

const checkTimeoutMs = 3_000;

@Controller('health')
export class HealthController {
  private pinging?: Promise<void>;

  constructor(
    private readonly messaging: MessagingHealth,
    private readonly db: Db,
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
      check(async () => {
        await this.ping();
        return [];
      }),
      this.messaging.figures(),
    ]);
    const ready = broker.status === 'ok' && database.status === 'ok';
    if (!ready) reply.status(503);
    const figures = { ...messaging, droppedLogLines: this.logger.dropped };
    const status = ready ? 'ok' : 'failing';
    return { status, checks: { broker, database }, warnings: warningsOf(figures), figures };
  }

  // One at a time, whoever asks: a database that does not answer must not be asked out of its pool.
  private ping(): Promise<void> {
    this.pinging ??= this.db.ping().finally(() => (this.pinging = undefined));
    return this.pinging;
  }
}

async function check(problemsOf: () => Promise<string[]>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([`no answer in ${checkTimeoutMs} ms`]), checkTimeoutMs);
  });
  try {
    const problems = await Promise.race([problemsOf(), late]);
    return problems.length === 0 ? { status: 'ok' } : { status: 'failing', problems };
  } catch (error) {
    return { status: 'failing', problems: [describe(error)] };
  } finally {
    clearTimeout(timer);
  }
}

// A refused connection to a name with several addresses has its words in the parts alone.
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
