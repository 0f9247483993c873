import { Injectable, Logger } from '@nestjs/common';
import { PaymentCaptured, PaymentDeclined } from '@tradepost/contracts';
import { Db, GroupCommit, type Tx } from '@tradepost/database';
import { type Consequence, currentTrace, type Flow, sendEach } from '@tradepost/messaging';
import type { ChargeResult } from '../gateway/payment-gateway';
import { countMoney } from './money-metrics';
import { factsOf, type Payment } from './payment';
import { type Move, PaymentsStore } from './payments.store';

/** What came of a call to charge a payment; of the last two, nobody knows if it was charged. */
export type Outcome = ChargeResult | { outcome: 'timed_out' | 'unavailable' };

interface Recorded {
  payment: Payment;
  result: Outcome;
  /** The flow that its event goes on with. */
  because?: Flow;
}

const statusAfter = {
  approved: 'captured',
  declined: 'declined',
  pending: 'pending',
  timed_out: 'pending',
  unavailable: 'pending',
} as const;

/**
 * Records the outcomes of charges, however they became known. The first one of a pending payment
 * moves it and is sent to all that listen; a later one, or one of a payment that was cancelled or
 * timed out, changes nothing.
 */
@Injectable()
export class RecordOutcome {
  private readonly log = new Logger(RecordOutcome.name);
  private readonly group: GroupCommit<Recorded, boolean>;

  constructor(
    db: Db,
    private readonly payments: PaymentsStore,
  ) {
    this.group = new GroupCommit(db, async (tx, all) => this.recordEach(tx, all));
  }

  /** In a transaction that it shares with whatever else becomes known at the same time. */
  async run(payment: Payment, result: Outcome): Promise<void> {
    const isMoved = await this.group.add({ payment, result, because: currentTrace() });
    if (isMoved) this.report(payment, result);
  }

  /**
   * The same, in the caller's transaction.
   * @returns what logs the outcome, once that has committed; undefined when nothing changed
   */
  async record(tx: Tx, payment: Payment, result: Outcome): Promise<(() => void) | undefined> {
    const [isMoved] = await this.recordEach(tx, [{ payment, result, because: currentTrace() }]);
    return isMoved ? () => this.report(payment, result) : undefined;
  }

  private async recordEach(tx: Tx, all: Recorded[]): Promise<boolean[]> {
    const isMoved = await this.payments.moveEach(tx, all.map(moveOf));
    const captured: Consequence<PaymentCaptured>[] = [];
    const declined: Consequence<PaymentDeclined>[] = [];
    all.forEach(({ payment, result, because }, index) => {
      if (!isMoved[index]) return;
      const facts = factsOf(payment);
      if (result.outcome === 'approved') {
        captured.push({ body: facts, because });
        countMoney(tx, 'captured', payment);
      }
      if (result.outcome === 'declined') {
        declined.push({ body: { ...facts, reason: result.reason }, because });
      }
    });
    await sendEach(tx, PaymentCaptured, captured);
    await sendEach(tx, PaymentDeclined, declined);
    return isMoved;
  }

  private report(payment: Payment, result: Outcome): void {
    const facts = factsOf(payment);
    const { outcome } = result;
    if (outcome === 'approved') this.log.log('payment captured', facts);
    if ('reason' in result) this.log.warn('payment declined', { ...facts, cause: result.reason });
  }
}

function moveOf({ payment: { id }, result }: Recorded): Move {
  const { outcome } = result;
  const declineReason = outcome === 'declined' ? result.reason : undefined;
  const call = { operation: 'charge', outcome } as const;
  return { id, from: 'pending', to: statusAfter[outcome], declineReason, call };
}
