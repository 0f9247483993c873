import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Charge,
  type ChargeAnswer,
  GatewayTimeout,
  PaymentGateway,
  type RefundAnswer,
} from './payment-gateway';
import { PaymentsConfig } from './payments.config';
import { SandboxChargesStore } from './sandbox-charges.store';
import { decide } from './sandbox-rules';

/** A gateway that takes no real money. sandbox-rules.ts says what it answers. */
@Injectable()
export class SandboxGateway extends PaymentGateway {
  private readonly latencyMs: number;
  private readonly timeoutMs: number;

  constructor(
    private readonly charges: SandboxChargesStore,
    config: PaymentsConfig,
  ) {
    super();
    this.latencyMs = config.SANDBOX_LATENCY_MS;
    this.timeoutMs = config.GATEWAY_TIMEOUT_MS;
  }

  async charge(charge: Charge): Promise<ChargeAnswer> {
    const decision = decide(charge);
    if (decision === 'timeout') return this.timeOut(charge);
    const first = decision === 'decline' ? 'declined' : 'approved';
    const { outcome, calls } = await this.charges.charge(charge, first);
    // The nasty timeout: the money is taken, only the answer is lost.
    if (decision === 'timeout_once' && calls === 1) return this.timeOut(charge);
    await this.answer(charge);
    return outcome === 'declined' ? { outcome, reason: 'card_declined' } : { outcome };
  }

  async refund(charge: Charge): Promise<RefundAnswer> {
    const outcome = await this.charges.refund(charge);
    await this.answer(charge);
    return { outcome: outcome === 'approved' ? 'approved' : 'nothing_taken' };
  }

  private async answer(charge: Charge): Promise<void> {
    if (this.latencyMs >= this.timeoutMs) return this.timeOut(charge);
    await delay(this.latencyMs);
  }

  private async timeOut({ paymentId }: Charge): Promise<never> {
    await delay(this.timeoutMs);
    throw new GatewayTimeout(paymentId, this.timeoutMs);
  }
}
