import { Injectable } from '@nestjs/common';
import type { SandboxCharge } from '../../../sandbox-gateway/src/charges/charge';
import { behaviourFor } from '../../../sandbox-gateway/src/charges/rules';
import { ChargesStore } from '../../../sandbox-gateway/src/charges/charges.store';
import { setTimeout as delay } from 'node:timers/promises';
import { declineReason } from './decline-reason';
import {
  type Charge,
  type ChargeResult,
  type FoundCharge,
  GatewayTimeout,
  PaymentGateway,
  type RefundResult,
} from './payment-gateway';
import { PaymentsConfig } from '../payments.config';

/** The sandbox in this process, which takes no real money: apps/sandbox-gateway has its rules. */
@Injectable()
export class SandboxGateway extends PaymentGateway {
  private readonly latencyMs: number;
  private readonly timeoutMs: number;

  constructor(
    private readonly charges: ChargesStore,
    config: PaymentsConfig,
  ) {
    super();
    this.latencyMs = config.SANDBOX_LATENCY_MS;
    this.timeoutMs = config.GATEWAY_TIMEOUT_MS;
  }

  async charge(charge: Charge): Promise<ChargeResult> {
    const behaviour = behaviourFor(charge);
    if (behaviour === 'timeout') return this.timeOut(charge);
    const charged = await this.charges.charge(
      charge,
      behaviour === 'decline'
        ? { outcome: 'declined', reason: 'card_declined' }
        : { outcome: 'approved' },
    );
    // The nasty timeout: the money is taken, and the response is lost.
    if (behaviour === 'timeout_once' && charged.calls === 1) return this.timeOut(charge);
    await this.respond(charge);
    return resultOf(charged);
  }

  async refund(charge: Charge): Promise<RefundResult> {
    const outcome = await this.charges.refund(charge);
    await this.respond(charge);
    return { outcome };
  }

  async find(paymentId: string): Promise<FoundCharge | undefined> {
    const found = await this.charges.find(paymentId);
    await this.respond({ paymentId });
    return found && { ...resultOf(found), refunded: found.refunded };
  }

  private async respond(charge: Pick<Charge, 'paymentId'>): Promise<void> {
    if (this.latencyMs >= this.timeoutMs) return this.timeOut(charge);
    await delay(this.latencyMs);
  }

  private async timeOut({ paymentId }: Pick<Charge, 'paymentId'>): Promise<never> {
    await delay(this.timeoutMs);
    throw new GatewayTimeout(paymentId, this.timeoutMs);
  }
}

function resultOf({ outcome, reason }: SandboxCharge): ChargeResult {
  return outcome === 'declined' ? { outcome, reason: declineReason(reason) } : { outcome };
}
