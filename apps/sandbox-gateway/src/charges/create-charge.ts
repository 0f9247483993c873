import { Injectable } from '@nestjs/common';
import { behaviourFor } from './rules';
import { ChargesStore } from './charges.store';
import type { ChargeDecision, SandboxCharge } from './charge';
import { ScheduleCallbacks } from '../callbacks/schedule-callbacks';
import { sample, sampleMs } from '../faults/fault-injection';
import type { ChargeRequest } from './charge-request';
import { SandboxGatewayConfig } from '../sandbox-gateway.config';

/** Creates a charge: decides it at once, or leaves it pending and schedules a callback. */
@Injectable()
export class CreateCharge {
  constructor(
    private readonly config: SandboxGatewayConfig,
    private readonly charges: ChargesStore,
    private readonly scheduleCallbacks: ScheduleCallbacks,
  ) {}

  /** @returns undefined when the response is to time out. @throws ChargeMismatch */
  async run(request: ChargeRequest): Promise<SandboxCharge | undefined> {
    const behaviour = behaviourFor(request);
    if (behaviour === 'timeout') return undefined;
    const charge = await this.charges.charge(request, this.decide(behaviour === 'decline'));
    const isFirst = charge.calls === 1;
    if (isFirst && charge.outcome === 'pending') {
      await this.scheduleCallbacks.run('charge.pending', { ...request, ...charge });
    }
    return isFirst && behaviour === 'timeout_once' ? undefined : charge;
  }

  private decide(isDeclined: boolean): ChargeDecision {
    const reason = isDeclined ? 'card_declined' : undefined;
    if (sample(this.config.PENDING_RATE)) {
      const settlesInMs = sampleMs(this.config.CALLBACK_DELAY_MAX_MS);
      const settlesAs = isDeclined ? 'declined' : 'approved';
      return { outcome: 'pending', settlesAs, reason, settlesInMs };
    }
    return reason === undefined ? { outcome: 'approved' } : { outcome: 'declined', reason };
  }
}
