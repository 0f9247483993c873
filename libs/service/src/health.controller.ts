import { Controller, Get, Res } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { MessagingHealth } from '@tradepost/messaging';

const checkTimeoutMs = 3_000;

export interface Check {
  status: 'ok' | 'failing';
  problems?: string[];
}

export interface Readiness {
  status: 'ok' | 'failing';
  checks: { broker: Check; database: Check };
}

@Controller('health')
export class HealthController {
  constructor(
    private readonly messaging: MessagingHealth,
    private readonly db: Db,
  ) {}

  /** The process runs and answers. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The service can do its work: the broker has its consumers, and the database answers. */
  @Get('ready')
  async ready(
    @Res({ passthrough: true }) reply: { status(code: number): unknown },
  ): Promise<Readiness> {
    const [broker, database] = await Promise.all([
      check(async () => (await this.messaging.check()).problems),
      check(async () => {
        await this.db.ping();
        return [];
      }),
    ]);
    const ready = broker.status === 'ok' && database.status === 'ok';
    if (!ready) reply.status(503);
    return { status: ready ? 'ok' : 'failing', checks: { broker, database } };
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
