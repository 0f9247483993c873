import { Injectable, Logger } from '@nestjs/common';
import { type Page, toPage } from '@tradepost/service';
import { csvLine } from './csv';
import {
  type Line,
  type Period,
  type StatementPosition,
  StatementsStore,
} from './statements.store';

/** Lines that are read at a time for a CSV: that many are in memory, however long it is. */
const csvLinesMax = 1_000;

const csvHeader = 'bookedAt,transactionId,orderId,kind,account,currency,debit,credit,balance\r\n';

/** Balances are debit less credit, in minor units: the one of a line is the one after it. */
type StatementLine = Omit<Line, 'number'> & { balance: number };

export interface Statement extends Period, Page<StatementLine> {
  /** Of the period, on every page. */
  opening: number;
  closing: number;
}

/** What happened on an account in a period, with the balances that it began and ended with. */
@Injectable()
export class DrawStatement {
  private readonly log = new Logger(DrawStatement.name);

  constructor(private readonly statements: StatementsStore) {}

  /** @param after where the page before ended */
  async page(
    period: Period,
    after: StatementPosition | undefined,
    limit: number,
  ): Promise<Statement> {
    return this.statements.inOneView(async (tx) => {
      const { opening, closing } = await this.statements.ends(tx, period);
      const lines = await this.statements.lines(period, after, limit + 1, tx);
      const rows = withBalances(after?.balance ?? opening, lines);
      const { items, nextCursor } = toPage(rows, limit, (row) => {
        return [row.bookedAt, row.transactionId, row.number, row.balance];
      });
      const shown = items.map(({ number: _, ...line }) => line);
      return { ...period, opening, closing, items: shown, nextCursor };
    });
  }

  /**
   * The whole period, in pieces of many lines. The last line, `closing`, says what the lines before
   * it add up to; a file without it was cut off. Holds no connection while its reader is slow.
   * @throws before there is a first piece, when the database does not answer
   */
  async csv(period: Period): Promise<AsyncGenerator<string>> {
    const { opening, lines } = await this.statements.inOneView(async (tx) => ({
      opening: (await this.statements.ends(tx, period)).opening,
      lines: await this.statements.lines(period, undefined, csvLinesMax, tx),
    }));
    return this.pieces(period, opening, lines);
  }

  private async *pieces(period: Period, opening: number, first: Line[]): AsyncGenerator<string> {
    const { account, currency, from, to } = period;
    const total = { debit: 0, credit: 0 };
    let balance = opening;
    let lines = first;
    const head = [from, null, null, 'opening', account, currency, null, null, opening];
    yield csvHeader + csvLine(head);
    while (lines.length > 0) {
      const rows = withBalances(balance, lines);
      yield rows.map((row) => csvLine(fieldsOf(period, row))).join('');
      for (const { debit, credit } of lines) {
        total.debit += debit;
        total.credit += credit;
      }
      balance = opening + total.debit - total.credit;
      const more = lines.length === csvLinesMax;
      lines = more ? await this.next(period, lines.at(-1)) : [];
    }
    const { debit, credit } = total;
    yield csvLine([to, null, null, 'closing', account, currency, debit, credit, balance]);
  }

  // The response has begun: the reader learns of the error only from its early end.
  private async next(period: Period, last: Line | undefined): Promise<Line[]> {
    try {
      return await this.statements.lines(period, last, csvLinesMax);
    } catch (error) {
      this.log.error('statement cut off', { account: period.account, error });
      throw error;
    }
  }
}

function withBalances(before: number, lines: Line[]): (Line & { balance: number })[] {
  let balance = before;
  return lines.map((line) => {
    balance += line.debit - line.credit;
    return { ...line, balance };
  });
}

function fieldsOf({ account, currency }: Period, row: StatementLine): (string | number)[] {
  const { bookedAt, transactionId, orderId, kind, debit, credit, balance } = row;
  return [bookedAt, transactionId, orderId, kind, account, currency, debit, credit, balance];
}
