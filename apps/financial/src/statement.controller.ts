import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Header,
  Headers,
  Query,
  StreamableFile,
} from '@nestjs/common';
import { prefers, Scope } from '@tradepost/service';
import { Readable } from 'node:stream';
import { DrawStatement, type Statement } from './statement/draw-statement';
import { FinancialConfig } from './financial.config';
import { periodOf, positionOf, refusePaging, StatementQuery } from './statement/statement-request';
import type { Period } from './statement/statements.store';

/** A slower reader is cut off: no response stays open for ever. */
const csvWithinMs = 300_000;

@Controller('v1/ledger')
@Scope('ledger:read')
export class StatementController implements BeforeApplicationShutdown {
  private readonly open = new Set<Readable>();

  constructor(
    private readonly config: FinancialConfig,
    private readonly drawStatement: DrawStatement,
  ) {}

  /**
   * Draw an account's statement. Oldest line first: a page of JSON, or all of it as CSV where
   * `Accept` prefers that.
   */
  @Get('statement')
  @Header('vary', 'accept')
  async statement(
    @Query() query: StatementQuery,
    @Headers('accept') accept?: string,
    @Query('limit') limitGiven?: string,
  ): Promise<Statement | StreamableFile> {
    if (prefers(accept, 'text/csv', 'application/json')) return this.csv(query, limitGiven);
    const period = periodOf(query);
    return this.drawStatement.page(period, positionOf(query, period), query.limit);
  }

  /** Download an account's statement as CSV. */
  @Get('statement.csv')
  async csv(
    @Query() query: StatementQuery,
    @Query('limit') limitGiven?: string,
  ): Promise<StreamableFile> {
    refusePaging({ cursor: query.cursor, limit: limitGiven });
    const period = periodOf(query);
    const pieces = await this.drawStatement.csv(period);
    return new StreamableFile(this.stream(pieces), {
      type: 'text/csv; charset=utf-8; header=present',
      disposition: `attachment; filename="${fileName(period)}"`,
    });
  }

  // A stop waits for open responses: for these, as long as leaves time for what stops after them.
  beforeApplicationShutdown(): void {
    const cutOff = () => this.open.forEach((stream) => stream.destroy());
    setTimeout(cutOff, this.config.SHUTDOWN_TIMEOUT_MS / 2).unref();
  }

  private stream(pieces: AsyncGenerator<string>): Readable {
    const signal = AbortSignal.timeout(csvWithinMs);
    const stream = Readable.from(pieces, { highWaterMark: 1, signal });
    this.open.add(stream);
    stream.once('close', () => this.open.delete(stream));
    // Fastify ends the response on it; but the reader may be gone before Fastify listens.
    stream.on('error', () => undefined);
    return stream;
  }
}

function fileName({ account, currency, from, to }: Period): string {
  const days = [from, to].map((instant) => instant.slice(0, 10));
  return `statement-${account}-${currency}-${days.join('-to-')}.csv`;
}
