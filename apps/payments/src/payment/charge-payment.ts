import { Injectable } from '@nestjs/common';
import type { ChargePayment as Command } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { Rejected } from '@tradepost/messaging';
import { type ChargeAttempt, chargeOf, type Payment } from './payment';
import {
  type ChargeResult,
  GatewayTimeout,
  GatewayUnavailable,
  PaymentGateway,
} from '../gateway/payment-gateway';
import { PaymentsStore } from './payments.store';
import { RecordOutcome } from './record-outcome';

/**
 * Charges a pending payment and records the outcome. Runs as often as its message comes, at the
 * same time too: the gateway takes the money once by the payment's id, and the first outcome moves
 * the payment (RecordOutcome). A pending charge leaves the payment pending until a callback or the
 * sweep moves it. No transaction is open during the call.
 */
@Injectable()
export class ChargePayment {
  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
    private readonly gateway: PaymentGateway,
    private readonly recordOutcome: RecordOutcome,
  ) {}

  /** @throws GatewayTimeout or GatewayUnavailable, and leaves the payment pending */
  async run({ paymentId }: Command): Promise<void> {
    const payment = await this.payments.find(paymentId);
    if (!payment) throw new Rejected('payment_unknown', `there is no payment ${paymentId}`);
    if (payment.status !== 'pending') return;
    await this.recordOutcome.run(payment, await this.charge(payment));
  }

  private async charge(payment: Payment): Promise<ChargeResult> {
    try {
      return await this.gateway.charge(chargeOf(payment));
    } catch (error) {
      if (error instanceof GatewayTimeout) await this.note(payment, 'timed_out');
      if (error instanceof GatewayUnavailable) await this.note(payment, 'unavailable');
      throw error;
    }
  }

  private async note({ id }: Payment, outcome: ChargeAttempt['outcome']): Promise<void> {
    const move = { from: 'pending', to: 'pending' } as const;
    const by = { operation: 'charge', outcome } as const;
    await this.db.transaction((tx) => this.payments.move(tx, id, move, by));
  }
}
