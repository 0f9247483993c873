import { Controller, Get, Query } from '@nestjs/common';
import { currencies, type Currency } from '@tradepost/contracts';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { type Balance, BalancesStore } from './balances.store';
import { type BookedEntry, LedgerStore } from './ledger.store';
import { trialBalance, type TrialBalance } from './trial-balance';

class EntriesQuery {
  @IsUUID()
  orderId!: string;
}

class TrialBalanceQuery {
  @IsOptional()
  @IsIn(currencies)
  currency?: Currency;
}

@Controller('v1/ledger')
export class LedgerController {
  constructor(
    private readonly ledger: LedgerStore,
    private readonly kept: BalancesStore,
  ) {}

  /** Every account that has postings, a line a currency. `balance` is debit less credit. */
  @Get('balances')
  async balances(): Promise<{ items: (Balance & { balance: number })[] }> {
    const balances = await this.kept.balances();
    return { items: balances.map((line) => ({ ...line, balance: line.debit - line.credit })) };
  }

  @Get('trial-balance')
  async trialBalance(@Query() { currency }: TrialBalanceQuery): Promise<TrialBalance> {
    const balances = await this.kept.balances();
    return trialBalance(balances.filter((line) => !currency || line.currency === currency));
  }

  /** An order's entries, oldest first; none for an order that was never booked. */
  @Get('entries')
  async entries(@Query() { orderId }: EntriesQuery): Promise<{ items: BookedEntry[] }> {
    return { items: await this.ledger.entriesOf(orderId) };
  }
}
