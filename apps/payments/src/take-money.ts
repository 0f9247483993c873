import { Injectable, Logger } from '@nestjs/common';
import { type ChargePayment, PaymentCaptured, PaymentDeclined } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { Rejected, send } from '@tradepost/messaging';
import { type Attempt, chargeOf, factsOf, type Payment } from './payment';
import {
  type ChargeAnswer,
  GatewayTimeout,
  GatewayUnavailable,
  PaymentGateway,
} from './payment-gateway';
import { PaymentsConfig } from './payments.config';
import { PaymentsStore } from './payments.store';

/**
 * Charges a pending payment and says what came of it. Runs as often as its message comes, at the
 * same time too: the gateway takes the money once by the payment's id, and of several answers the
 * first one moves the payment. A gateway that will tell later leaves it pending: what it tells, or
 * what it is asked for, moves it then. No transaction is open while the gateway is asked.
 */
@Injectable()
export class TakeMoney {
  private readonly logger = new Logger(TakeMoney.name);
  private readonly worker: string;

  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
    private readonly gateway: PaymentGateway,
    config: PaymentsConfig,
  ) {
    this.worker = config.WORKER_ID;
  }

  /** @throws GatewayTimeout or GatewayUnavailable, and leaves the payment pending */
  async run({ paymentId }: ChargePayment): Promise<void> {
    const payment = await this.payments.find(paymentId);
    if (!payment) throw new Rejected('payment_unknown', `there is no payment ${paymentId}`);
    if (payment.status !== 'pending') return;
    const answer = await this.ask(payment);
    if (answer.outcome === 'pending') return this.note(payment, 'pending');
    await this.db.transaction(async (tx) => {
      if (answer.outcome === 'approved') await this.capture(tx, payment);
      else await this.decline(tx, payment, answer.reason);
    });
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

  private async capture(tx: Tx, payment: Payment): Promise<void> {
    const move = { from: 'pending', to: 'captured' } as const;
    const by = { operation: 'charge', outcome: 'approved', worker: this.worker } as const;
    if (!(await this.payments.move(tx, payment.id, move, by))) return;
    await send(tx, PaymentCaptured, factsOf(payment));
  }

  private async decline(tx: Tx, payment: Payment, reason: string): Promise<void> {
    const move = { from: 'pending', to: 'declined', declineReason: reason } as const;
    const by = { operation: 'charge', outcome: 'declined', worker: this.worker } as const;
    if (!(await this.payments.move(tx, payment.id, move, by))) return;
    await send(tx, PaymentDeclined, { ...factsOf(payment), reason });
    this.logger.warn(`payment ${payment.id} of order ${payment.orderId} declined: ${reason}`);
  }

  private async note({ id }: Payment, outcome: Attempt['outcome']): Promise<void> {
    const move = { from: 'pending', to: 'pending' } as const;
    const by = { operation: 'charge', outcome, worker: this.worker } as const;
    await this.db.transaction((tx) => this.payments.move(tx, id, move, by));
  }
}
