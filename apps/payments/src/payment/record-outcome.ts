import { Injectable, Logger } from '@nestjs/common';
import { PaymentCaptured, PaymentDeclined } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { factsOf, type Payment } from './payment';
import type { ChargeAnswer } from '../gateway/payment-gateway';
import { PaymentsConfig } from '../payments.config';
import { PaymentsStore } from './payments.store';

/**
 * What the gateway says came of a charge, however it says so. The first that is said of a pending
 * payment moves it, and is said to everyone; what comes later, or after the payment was cancelled
 * or timed out, changes nothing.
 */
@Injectable()
export class RecordOutcome {
  private readonly logger = new Logger(RecordOutcome.name);
  private readonly worker: string;

  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
    config: PaymentsConfig,
  ) {
    this.worker = config.WORKER_ID;
  }

  async run(payment: Payment, answer: ChargeAnswer): Promise<void> {
    await this.db.transaction(async (tx) => this.record(tx, payment, answer));
  }

  /** The same, in the transaction of who was told. */
  async record(tx: Tx, payment: Payment, answer: ChargeAnswer): Promise<void> {
    switch (answer.outcome) {
      case 'approved':
        return this.capture(tx, payment);
      case 'declined':
        return this.decline(tx, payment, answer.reason);
      case 'pending':
        return this.note(tx, payment);
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

  private async note(tx: Tx, { id }: Payment): Promise<void> {
    const move = { from: 'pending', to: 'pending' } as const;
    const by = { operation: 'charge', outcome: 'pending', worker: this.worker } as const;
    await this.payments.move(tx, id, move, by);
  }
}
