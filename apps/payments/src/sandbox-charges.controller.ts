import { Controller, Get, Query } from '@nestjs/common';
import { type ChargeRecord, ChargesQuery, listCharges, SandboxBooks } from '@tradepost/sandbox';
import type { Page } from '@tradepost/service';

/** The books of the gateway that runs in this process, as a real one shows its own. */
@Controller('v1/sandbox/charges')
export class SandboxChargesController {
  constructor(private readonly books: SandboxBooks) {}

  @Get()
  async list(@Query() query: ChargesQuery): Promise<Page<ChargeRecord>> {
    return listCharges(this.books, query);
  }
}
