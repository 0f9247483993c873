import { Controller, Get, Query } from '@nestjs/common';
import { type ChargeRecord } from '../../sandbox-gateway/src/charges/charge';
import { ChargesQuery, listCharges } from '../../sandbox-gateway/src/charges/list-charges';
import { ChargesStore } from '../../sandbox-gateway/src/charges/charges.store';
import { type Page, Problem, Scope } from '@tradepost/service';
import { PaymentGateway } from './gateway/payment-gateway';
import { SandboxGateway } from './gateway/sandbox-gateway';

/** The charges of the sandbox in this process, as a provider shows its own. */
@Controller('v1/sandbox/charges')
@Scope('payments:read')
export class SandboxChargesController {
  constructor(
    private readonly charges: ChargesStore,
    private readonly gateway: PaymentGateway,
  ) {}

  /** List the charges of the sandbox. 404 when GATEWAY_URL names another gateway. */
  @Get()
  async list(@Query() query: ChargesQuery): Promise<Page<ChargeRecord>> {
    if (this.gateway instanceof SandboxGateway) return listCharges(this.charges, query);
    throw new Problem({
      status: 404,
      type: 'sandbox-not-in-use',
      title: 'The sandbox gateway is not in use',
      detail: 'The payment gateway is not in this process: ask it at /v1/charges.',
    });
  }
}
