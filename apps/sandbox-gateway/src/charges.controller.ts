import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ChargeMismatch, type ChargeRecord, type SandboxCharge } from './charges/charge';
import { ChargesQuery, listCharges } from './charges/list-charges';
import { ChargesStore } from './charges/charges.store';
import { type HttpReply, notFound, Open, type Page, Problem } from '@tradepost/service';
import { ChargeRequest, PaymentParams, RefundRequest } from './charges/charge-request';
import { CreateCharge } from './charges/create-charge';
import { FaultInjection } from './faults/fault-injection';

interface ChargeResponse extends Pick<SandboxCharge, 'outcome' | 'refunded'> {
  paymentId: string;
  /** Of a declined one. */
  reason?: string;
}

@Controller('v1')
@Open("it stands for a provider's far side")
export class ChargesController {
  constructor(
    private readonly createCharge: CreateCharge,
    private readonly charges: ChargesStore,
    private readonly faults: FaultInjection,
  ) {}

  /**
   * Charge a payment. 200 with what was decided; 202 when it is not yet; 409 for another amount or
   * currency.
   */
  @Post('charges')
  @HttpCode(200)
  async charge(
    @Body() request: ChargeRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ChargeResponse> {
    return this.faults.around(async () => {
      const charge = await refusingMismatch(this.createCharge.run(request));
      if (!charge) return this.faults.timeOut();
      if (charge.outcome === 'pending') reply.status(202);
      return responseOf(request.paymentId, charge);
    });
  }

  /** Give back what a charge took. A charge that comes later, or is pending, is declined. */
  @Post('refunds')
  @HttpCode(200)
  async refund(
    @Body() request: RefundRequest,
  ): Promise<{ paymentId: string; outcome: 'approved' | 'nothing_taken' }> {
    return this.faults.around(async () => {
      const outcome = await refusingMismatch(this.charges.refund(request));
      return { paymentId: request.paymentId, outcome };
    });
  }

  /** Show a charge. */
  @Get('charges/:paymentId')
  async find(@Param() { paymentId }: PaymentParams): Promise<ChargeResponse> {
    return this.faults.around(async () => {
      const charge = await this.charges.find(paymentId);
      if (charge) return responseOf(paymentId, charge);
      throw notFound('charge', `There is no charge ${paymentId}.`);
    });
  }

  /** List charges. Every one, without injected faults: audits read it. */
  @Get('charges')
  async list(@Query() query: ChargesQuery): Promise<Page<ChargeRecord>> {
    return listCharges(this.charges, query);
  }
}

function responseOf(paymentId: string, charge: SandboxCharge): ChargeResponse {
  const { outcome, reason, refunded } = charge;
  return { paymentId, outcome, ...(reason !== null && { reason }), refunded };
}

/** @throws Problem 409 when the payment id stands for another amount */
async function refusingMismatch<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ChargeMismatch)) throw error;
    throw new Problem({
      status: 409,
      type: 'charge-mismatch',
      title: 'This payment id stands for another charge',
      detail: error.message,
    });
  }
}
