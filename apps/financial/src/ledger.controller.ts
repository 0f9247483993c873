import { Controller, Get, Query } from '@nestjs/common';
import { currencies, type Currency } from '@tradepost/contracts';
import { bulkPageMax, decodeCursor, type Page, pageQuery, Scope, toPage } from '@tradepost/service';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { type Balance, BalancesStore } from './ledger/balances.store';
import { type BookedEntry, type EntryPosition, LedgerStore } from './ledger/ledger.store';
import { trialBalance, type TrialBalance } from './ledger/trial-balance';

class EntriesQuery extends pageQuery(bulkPageMax) {
  @IsOptional()
  @IsUUID()
  orderId?: string;
}

class TrialBalanceQuery {
  @IsOptional()
  @IsIn(currencies)
  currency?: Currency;
}

@Controller('v1/ledger')
@Scope('ledger:read')
export class LedgerController {
  constructor(
    private readonly ledger: LedgerStore,
    private readonly kept: BalancesStore,
  ) {}

  /**
   * Show the balance of each account. A line a currency with postings; `balance` is debit less
   * credit.
   */
  @Get('balances')
  async balances(): Promise<{ items: (Balance & { balance: number })[] }> {
    const balances = await this.kept.balances();
    return { items: balances.map((line) => ({ ...line, balance: line.debit - line.credit })) };
  }

  /** Draw the trial balance. Of one currency, or of all. */
  @Get('trial-balance')
  async trialBalance(@Query() { currency }: TrialBalanceQuery): Promise<TrialBalance> {
    const balances = await this.kept.balances();
    return trialBalance(balances.filter((line) => !currency || line.currency === currency));
  }

  /**
   * List ledger entries. An order's, oldest first; or all, paged, in the order of their orders'
   * ids.
   */
  @Get('entries')
  async entries(@Query() { orderId, cursor, limit }: EntriesQuery): Promise<Page<BookedEntry>> {
    if (orderId !== undefined) {
      return { items: await this.ledger.entriesOf(orderId), nextCursor: null };
    }
    const rows = await this.ledger.page(positionOf(cursor), limit + 1);
    return toPage(rows, limit, (entry) => [entry.orderId, entry.kind, entry.transactionId]);
  }
}

/** @throws Problem 400 for a cursor that is not one of this list's */
function positionOf(cursor: string | undefined): EntryPosition | undefined {
  if (cursor === undefined) return undefined;
  const [orderId, kind, transactionId] = decodeCursor(cursor, 'uuid', 'string', 'uuid');
  return { orderId, kind, transactionId };
}
