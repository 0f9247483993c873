import { Injectable } from '@nestjs/common';
import { decide } from './rules';
import { SandboxBooks } from './books.store';
import { type SandboxCharge, type Verdict } from './charge';
import { Callbacks } from '../callbacks/callbacks';
import { Chance } from '../faults/chance';
import type { ChargeRequest } from './charge-request';
import { SandboxGatewayConfig } from '../sandbox-gateway.config';

/** Takes a charge on: decides it at once, or leaves it pending and says so. */
@Injectable()
export class TakeCharge {
  constructor(
    private readonly config: SandboxGatewayConfig,
    private readonly books: SandboxBooks,
    private readonly callbacks: Callbacks,
    private readonly chance: Chance,
  ) {}

  /**
   * @returns undefined when the charge is one that is never answered
   * @throws ChargeMismatch
   */
  async run(request: ChargeRequest): Promise<SandboxCharge | undefined> {
    const decision = decide({ ...request, paymentToken: request.paymentToken ?? null });
    if (decision === 'timeout') return undefined;
    const charge = await this.books.charge(request, this.verdictOn(decision === 'decline'));
    const isFirst = charge.calls === 1;
    if (isFirst && charge.outcome === 'pending') {
      await this.callbacks.announce('charge.pending', { ...request, ...charge });
    }
    return isFirst && decision === 'timeout_once' ? undefined : charge;
  }

  private verdictOn(isDeclined: boolean): Verdict {
    const reason = isDeclined ? 'card_declined' : undefined;
    if (this.chance.happens(this.config.PENDING_RATE)) {
      const settlesInMs = this.chance.within(this.config.CALLBACK_DELAY_MAX_MS);
      const settlesAs = isDeclined ? 'declined' : 'approved';
      return { outcome: 'pending', settlesAs, reason, settlesInMs };
    }
    return reason === undefined ? { outcome: 'approved' } : { outcome: 'declined', reason };
  }
}
