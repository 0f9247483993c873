import { Controller, Get, Query } from '@nestjs/common';
import { Open } from '@tradepost/service';
import { IsISO8601, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import type { Ledger, LedgerEntry, LedgerSeries } from './api/ledger';
import { ReadLedgerSeries } from './ledger/ledger-series';
import { ReadLedger } from './ledger/read-ledger';

class EntriesQuery {
  @IsUUID()
  orderId!: string;
}

class SeriesQuery {
  @IsString()
  @Length(3, 3)
  currency!: string;

  @IsOptional()
  @IsISO8601()
  from?: string;

  @IsOptional()
  @IsISO8601()
  to?: string;
}

@Controller('api/ledger')
@Open('its guard wants a signed-in session')
export class LedgerController {
  constructor(
    private readonly ledger: ReadLedger,
    private readonly serieses: ReadLedgerSeries,
  ) {}

  @Get()
  async balance(): Promise<Ledger> {
    return this.ledger.balance();
  }

  @Get('entries')
  async entries(@Query() { orderId }: EntriesQuery): Promise<{ items: LedgerEntry[] }> {
    return { items: await this.ledger.entries(orderId) };
  }

  @Get('series')
  async series(@Query() { currency, from, to }: SeriesQuery): Promise<LedgerSeries> {
    return this.serieses.read(currency, from, to);
  }
}
