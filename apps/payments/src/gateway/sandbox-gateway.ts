import { Injectable } from '@nestjs/common';
import { decide } from '../../../sandbox-gateway/src/charges/rules';
import { SandboxBooks } from '../../../sandbox-gateway/src/charges/books.store';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Charge,
  type ChargeResult,
  type FoundCharge,
  GatewayTimeout,
  PaymentGateway,
  type RefundResult,
} from './payment-gateway';
import { PaymentsConfig } from '../payments.config';

/** A gateway that takes no real money, in this process: apps/sandbox-gateway has its rules. */
@Injectable()
export class SandboxGateway extends PaymentGateway {
  private readonly latencyMs: number;
  private readonly timeoutMs: number;

  constructor(
    private readonly books: SandboxBooks,
    config: PaymentsConfig,
  ) {
    super();
    this.latencyMs = config.SANDBOX_LATENCY_MS;
    this.timeoutMs = config.GATEWAY_TIMEOUT_MS;
  }

  async charge(charge: Charge): Promise<ChargeResult> {
    const decision = decide(charge);
    if (decision === 'timeout') return this.timeOut(charge);
    const { outcome, reason, calls } = await this.books.charge(
      charge,
      decision === 'decline'
        ? { outcome: 'declined', reason: 'card_declined' }
        : { outcome: 'approved' },
    );
    // The nasty timeout: the money is taken, only the answer is lost.
    if (decision === 'timeout_once' && calls === 1) return this.timeOut(charge);
    await this.answer(charge);
    return outcome === 'declined' ? { outcome, reason: reason ?? 'card_declined' } : { outcome };
  }

  async refund(charge: Charge): Promise<RefundResult> {
    const outcome = await this.books.refund(charge);
    await this.answer(charge);
    return { outcome };
  }

  async find(paymentId: string): Promise<FoundCharge | undefined> {
    const found = await this.books.find(paymentId);
    await this.answer({ paymentId });
    if (!found) return undefined;
    const { outcome, reason, refunded } = found;
    return { outcome, refunded, ...(reason !== null && { reason }) };
  }

  private async answer(charge: Pick<Charge, 'paymentId'>): Promise<void> {
    if (this.latencyMs >= this.timeoutMs) return this.timeOut(charge);
    await delay(this.latencyMs);
  }

  private async timeOut({ paymentId }: Pick<Charge, 'paymentId'>): Promise<never> {
    await delay(this.timeoutMs);
    throw new GatewayTimeout(paymentId, this.timeoutMs);
  }
}
