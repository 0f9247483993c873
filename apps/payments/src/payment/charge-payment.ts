import { Injectable } from '@nestjs/common';
import type { ChargePayment as Command } from '@tradepost/contracts';
import { inFlowOf, type Received, Rejected } from '@tradepost/messaging';
import { chargeOf, type Payment } from './payment';
import { GatewayTimeout, GatewayUnavailable, PaymentGateway } from '../gateway/payment-gateway';
import { PaymentsStore } from './payments.store';
import { RecordOutcome } from './record-outcome';

/**
 * Charges pending payments and records each outcome as soon as it is there. Runs as often as their
 * messages come, at the same time too: the gateway takes the money once by the payment's id, and
 * the first outcome moves the payment (RecordOutcome). A pending charge leaves the payment pending
 * until a callback or the sweep moves it. No transaction is open during a call.
 */
@Injectable()
export class ChargePayment {
  constructor(
    private readonly payments: PaymentsStore,
    private readonly gateway: PaymentGateway,
    private readonly recordOutcome: RecordOutcome,
  ) {}

  /**
   * @returns in their order, why one was not charged: GatewayTimeout or GatewayUnavailable leave it
   * pending, to be charged again
   */
  async runEach(batch: Received<Command>[]): Promise<(Error | undefined)[]> {
    const payments = await this.payments.findEach(batch.map(({ body }) => body.paymentId));
    const charges = batch.map(async ({ body: { paymentId }, message }, index) =>
      inFlowOf(message, async () => this.charge(paymentId, payments[index])),
    );
    const results = await Promise.allSettled(charges);
    return results.map((one) => (one.status === 'rejected' ? (one.reason as Error) : undefined));
  }

  private async charge(paymentId: string, payment: Payment | undefined): Promise<void> {
    if (!payment) throw new Rejected('payment_unknown', `there is no payment ${paymentId}`);
    if (payment.status !== 'pending') return;
    try {
      await this.recordOutcome.run(payment, await this.gateway.charge(chargeOf(payment)));
    } catch (error) {
      const outcome = failureOf(error);
      if (outcome) await this.recordOutcome.run(payment, { outcome });
      throw error;
    }
  }
}

function failureOf(error: unknown): 'timed_out' | 'unavailable' | undefined {
  if (error instanceof GatewayTimeout) return 'timed_out';
  return error instanceof GatewayUnavailable ? 'unavailable' : undefined;
}
