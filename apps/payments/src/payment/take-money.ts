import { Injectable } from '@nestjs/common';
import type { ChargePayment } from '@tradepost/contracts';
import { Db } from '@tradepost/database';
import { Rejected } from '@tradepost/messaging';
import { type Attempt, chargeOf, type Payment } from './payment';
import {
  type ChargeAnswer,
  GatewayTimeout,
  GatewayUnavailable,
  PaymentGateway,
} from '../gateway/payment-gateway';
import { PaymentsConfig } from '../payments.config';
import { PaymentsStore } from './payments.store';
import { RecordOutcome } from './record-outcome';

/**
 * Charges a pending payment and says what came of it. Runs as often as its message comes, at the
 * same time too: the gateway takes the money once by the payment's id, and of several answers the
 * first one moves the payment (RecordOutcome). A gateway that will tell later leaves it pending:
 * what it tells, or what it is asked for, moves it then. No transaction is open while the gateway
 * is asked.
 */
@Injectable()
export class TakeMoney {
  private readonly worker: string;

  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
    private readonly gateway: PaymentGateway,
    private readonly recordOutcome: RecordOutcome,
    config: PaymentsConfig,
  ) {
    this.worker = config.WORKER_ID;
  }

  /** @throws GatewayTimeout or GatewayUnavailable, and leaves the payment pending */
  async run({ paymentId }: ChargePayment): Promise<void> {
    const payment = await this.payments.find(paymentId);
    if (!payment) throw new Rejected('payment_unknown', `there is no payment ${paymentId}`);
    if (payment.status !== 'pending') return;
    await this.recordOutcome.run(payment, await this.ask(payment));
  }

  private async ask(payment: Payment): Promise<ChargeAnswer> {
    try {
      return await this.gateway.charge(chargeOf(payment));
    } catch (error) {
      if (error instanceof GatewayTimeout) await this.note(payment, 'timed_out');
      if (error instanceof GatewayUnavailable) await this.note(payment, 'unavailable');
      throw error;
    }
  }

  private async note({ id }: Payment, outcome: Attempt['outcome']): Promise<void> {
    const move = { from: 'pending', to: 'pending' } as const;
    const by = { operation: 'charge', outcome, worker: this.worker } as const;
    await this.db.transaction((tx) => this.payments.move(tx, id, move, by));
  }
}
