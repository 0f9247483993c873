import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { type ChargeRecord } from './charges/charge';
import { ChargesQuery, listCharges } from './charges/list-charges';
import { SandboxBooks } from './charges/books.store';
import { type HttpReply, notFound, type Page, Problem } from '@tradepost/service';
import { answerOf, type ChargeAnswer, refusingMismatch } from './charges/charge-answer';
import { ChargeRequest, PaymentParams, RefundRequest } from './charges/charge-request';
import { Patience } from './faults/patience';
import { TakeCharge } from './charges/take-charge';
import { Trouble } from './faults/trouble';

/** Longer than anybody waits for an answer. */
const silenceMs = 60_000;

@Controller('v1')
export class ChargesController {
  constructor(
    private readonly takeCharge: TakeCharge,
    private readonly books: SandboxBooks,
    private readonly trouble: Trouble,
    private readonly patience: Patience,
  ) {}

  /** 200 with what was decided; 202 when it is not yet; 409 for another amount or currency. */
  @Post('charges')
  @HttpCode(200)
  async charge(
    @Body() request: ChargeRequest,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<ChargeAnswer> {
    return this.trouble.around(async () => {
      const charge = await refusingMismatch(this.takeCharge.run(request));
      if (!charge) return this.keepSilent();
      if (charge.outcome === 'pending') reply.status(202);
      return answerOf(request.paymentId, charge);
    });
  }

  /** Gives back what the charge took; a charge that comes later, or is pending, is declined. */
  @Post('refunds')
  @HttpCode(200)
  async refund(
    @Body() request: RefundRequest,
  ): Promise<{ paymentId: string; outcome: 'approved' | 'nothing_taken' }> {
    return this.trouble.around(async () => {
      const outcome = await refusingMismatch(this.books.refund(request));
      return { paymentId: request.paymentId, outcome };
    });
  }

  @Get('charges/:paymentId')
  async find(@Param() { paymentId }: PaymentParams): Promise<ChargeAnswer> {
    return this.trouble.around(async () => {
      const charge = await this.books.find(paymentId);
      if (charge) return answerOf(paymentId, charge);
      throw notFound('charge', `Nobody has asked for a charge ${paymentId}.`);
    });
  }

  /** The books. Whoever checks them gets an answer, whatever the rates say. */
  @Get('charges')
  async list(@Query() query: ChargesQuery): Promise<Page<ChargeRecord>> {
    return listCharges(this.books, query);
  }

  private async keepSilent(): Promise<never> {
    await this.patience.wait(silenceMs);
    throw new Problem({ status: 504, type: 'gateway-silent', title: 'There is no answer' });
  }
}
