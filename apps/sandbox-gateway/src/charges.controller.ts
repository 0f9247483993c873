import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { type ChargeRecord } from './charges/charge';
import { ChargesQuery, listCharges } from './charges/list-charges';
import { ChargesStore } from './charges/charges.store';
import { type HttpReply, notFound, type Page } from '@tradepost/service';
import { type ChargeResponse, refusingMismatch, responseOf } from './charges/charge-response';
import { ChargeRequest, PaymentParams, RefundRequest } from './charges/charge-request';
import { CreateCharge } from './charges/create-charge';
import { FaultInjection } from './faults/fault-injection';

@Controller('v1')
export class ChargesController {
  constructor(
    private readonly createCharge: CreateCharge,
    private readonly charges: ChargesStore,
    private readonly faults: FaultInjection,
  ) {}

  /** 200 with what was decided; 202 when it is not yet; 409 for another amount or currency. */
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

  /** Gives back what the charge took; a charge that comes later, or is pending, is declined. */
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

  @Get('charges/:paymentId')
  async find(@Param() { paymentId }: PaymentParams): Promise<ChargeResponse> {
    return this.faults.around(async () => {
      const charge = await this.charges.find(paymentId);
      if (charge) return responseOf(paymentId, charge);
      throw notFound('charge', `There is no charge ${paymentId}.`);
    });
  }

  /** Every charge, without injected faults: audits read it. */
  @Get('charges')
  async list(@Query() query: ChargesQuery): Promise<Page<ChargeRecord>> {
    return listCharges(this.charges, query);
  }
}
