import { Controller, Get, Query } from '@nestjs/common';
import { IsUUID } from 'class-validator';
import { type Balance, BalancesStore } from './balances.store';
import { type BookedEntry, LedgerStore } from './ledger.store';

class EntriesQuery {
  @IsUUID()
  orderId!: string;
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

  /** An order's entries, oldest first; none for an order that was never booked. */
  @Get('entries')
  async entries(@Query() { orderId }: EntriesQuery): Promise<{ items: BookedEntry[] }> {
    return { items: await this.ledger.entriesOf(orderId) };
  }
}
