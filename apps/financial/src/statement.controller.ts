import { Controller, Get, Header, Headers, Query, StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import { DrawStatement, type Statement } from './draw-statement';
import { prefersCsv } from './prefers-csv';
import { periodOf, placeOf, refusePaging, StatementQuery } from './statement-request';
import type { Period } from './statements.store';

/** Whoever reads slower than this is cut off: the stop of a service waits for answers in hand. */
const csvWithinMs = 300_000;

@Controller('v1/ledger')
export class StatementController {
  constructor(private readonly drawStatement: DrawStatement) {}

  /** Oldest line first. A page of JSON, or all of it as CSV to whoever likes that better. */
  @Get('statement')
  @Header('vary', 'accept')
  async statement(
    @Query() query: StatementQuery,
    @Headers('accept') accept?: string,
    @Query('limit') limitGiven?: string,
  ): Promise<Statement | StreamableFile> {
    if (prefersCsv(accept)) return this.csv(query, limitGiven);
    const period = periodOf(query);
    return this.drawStatement.page(period, placeOf(query, period), query.limit);
  }

  @Get('statement.csv')
  async csv(
    @Query() query: StatementQuery,
    @Query('limit') limitGiven?: string,
  ): Promise<StreamableFile> {
    refusePaging({ cursor: query.cursor, limit: limitGiven });
    const period = periodOf(query);
    const pieces = await this.drawStatement.csv(period);
    const signal = AbortSignal.timeout(csvWithinMs);
    return new StreamableFile(Readable.from(pieces, { highWaterMark: 1, signal }), {
      type: 'text/csv; charset=utf-8; header=present',
      disposition: `attachment; filename="${fileName(period)}"`,
    });
  }
}

function fileName({ account, currency, from, to }: Period): string {
  const days = [from, to].map((instant) => instant.slice(0, 10));
  return `statement-${account}-${currency}-${days.join('-to-')}.csv`;
}
