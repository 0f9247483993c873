import { Injectable, Logger } from '@nestjs/common';
import { PaymentCaptured, PaymentDeclined } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { factsOf, type Payment } from './payment';
import type { ChargeResult } from '../gateway/payment-gateway';
import { PaymentsConfig } from '../payments.config';
import { PaymentsStore } from './payments.store';

type Report = () => void;

/**
 * Records the outcome of a charge, however it became known. The first one of a pending payment
 * moves it and is sent to all that listen; a later one, or one of a payment that was cancelled or
 * timed out, changes nothing.
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

  async run(payment: Payment, result: ChargeResult): Promise<void> {
    const report = await this.db.transaction(async (tx) => this.record(tx, payment, result));
    report?.();
  }

  /**
   * The same, in the caller's transaction.
   * @returns what logs the outcome, once that has committed; undefined when nothing changed
   */
  async record(tx: Tx, payment: Payment, result: ChargeResult): Promise<Report | undefined> {
    switch (result.outcome) {
      case 'approved':
        return this.capture(tx, payment);
      case 'declined':
        return this.decline(tx, payment, result.reason);
      case 'pending':
        return this.note(tx, payment);
    }
  }

  private async capture(tx: Tx, payment: Payment): Promise<Report | undefined> {
    const move = { from: 'pending', to: 'captured' } as const;
    const by = { operation: 'charge', outcome: 'approved', worker: this.worker } as const;
    if (!(await this.payments.move(tx, payment.id, move, by))) return undefined;
    await send(tx, PaymentCaptured, factsOf(payment));
    return () => this.logger.log('payment captured', factsOf(payment));
  }

  private async decline(tx: Tx, payment: Payment, reason: string): Promise<Report | undefined> {
    const move = { from: 'pending', to: 'declined', declineReason: reason } as const;
    const by = { operation: 'charge', outcome: 'declined', worker: this.worker } as const;
    if (!(await this.payments.move(tx, payment.id, move, by))) return undefined;
    await send(tx, PaymentDeclined, { ...factsOf(payment), reason });
    return () => this.logger.warn('payment declined', { ...factsOf(payment), cause: reason });
  }

  private async note(tx: Tx, { id }: Payment): Promise<undefined> {
    const move = { from: 'pending', to: 'pending' } as const;
    const by = { operation: 'charge', outcome: 'pending', worker: this.worker } as const;
    await this.payments.move(tx, id, move, by);
  }
}
