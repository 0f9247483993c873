import { Injectable, Logger } from '@nestjs/common';
import { PaymentCaptured, PaymentDeclined } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { factsOf, type Payment } from './payment';
import type { ChargeResult } from '../gateway/payment-gateway';
import { PaymentsStore } from './payments.store';

type Report = () => void;

const statusAfter = { approved: 'captured', declined: 'declined', pending: 'pending' } as const;

/**
 * Records the outcome of a charge, however it became known. The first one of a pending payment
 * moves it and is sent to all that listen; a later one, or one of a payment that was cancelled or
 * timed out, changes nothing.
 */
@Injectable()
export class RecordOutcome {
  private readonly log = new Logger(RecordOutcome.name);

  constructor(
    private readonly db: Db,
    private readonly payments: PaymentsStore,
  ) {}

  async run(payment: Payment, result: ChargeResult): Promise<void> {
    const report = await this.db.transaction(async (tx) => this.record(tx, payment, result));
    report?.();
  }

  /**
   * The same, in the caller's transaction.
   * @returns what logs the outcome, once that has committed; undefined when nothing changed
   */
  async record(tx: Tx, payment: Payment, result: ChargeResult): Promise<Report | undefined> {
    const { outcome } = result;
    const reason = result.outcome === 'declined' ? result.reason : undefined;
    const move = { from: 'pending', to: statusAfter[outcome], declineReason: reason } as const;
    const by = { operation: 'charge', outcome } as const;
    if (!(await this.payments.move(tx, payment.id, move, by))) return undefined;
    const facts = factsOf(payment);
    if (outcome === 'approved') {
      await send(tx, PaymentCaptured, facts);
      return () => this.log.log('payment captured', facts);
    }
    if (reason === undefined) return undefined;
    await send(tx, PaymentDeclined, { ...facts, reason });
    return () => this.log.warn('payment declined', { ...facts, cause: reason });
  }
}
