import { Injectable, Logger } from '@nestjs/common';
import {
  bulkhead,
  BrokenCircuitError,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type IPolicy,
  wrap,
} from 'cockatiel';
import { GatewayTimeout, GatewayUnavailable } from './payment-gateway';
import { PaymentsConfig } from '../payments.config';

/**
 * Calls that may wait for each one under way; none waits longer than that many timeouts. By default
 * as many as the handlers of charges and refunds have at the same time.
 */
const waitingPerCall = 4;

/**
 * Keeps an unwell gateway from taking payments with it: a bulkhead bounds the calls at the same
 * time, a circuit breaker makes none for a while after many failures in a row (docs/adr/0009). The
 * timeout is not cockatiel's: fetch's own signal ends the request itself.
 */
@Injectable()
export class GatewayGuards {
  private readonly log = new Logger(GatewayGuards.name);
  private readonly policy: IPolicy;

  constructor(config: PaymentsConfig) {
    const breaker = circuitBreaker(handleWhen(isFailure), {
      halfOpenAfter: config.GATEWAY_CIRCUIT_OPEN_MS,
      breaker: new ConsecutiveBreaker(config.GATEWAY_CIRCUIT_FAILURES),
    });
    breaker.onStateChange((state) => this.logState(state));
    // The bulkhead is the outer one: its refusals are no failures of the gateway, and it counts the
    // calls that wait while the circuit is half open.
    const callsMax = config.GATEWAY_CALLS_MAX;
    this.policy = wrap(bulkhead(callsMax, callsMax * waitingPerCall), breaker);
  }

  /** @throws what `call` throws; GatewayUnavailable when it was not made */
  async run<T>(paymentId: string, call: () => Promise<T>): Promise<T> {
    try {
      return await this.policy.execute(call);
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        throw new GatewayUnavailable(paymentId, 'its circuit is open');
      }
      if (error instanceof BulkheadRejectedError) {
        throw new GatewayUnavailable(paymentId, 'too many calls are under way');
      }
      throw error;
    }
  }

  private logState(state: CircuitState): void {
    if (state === CircuitState.Open) this.log.warn('gateway circuit open');
    if (state === CircuitState.Closed) this.log.log('gateway circuit closed');
  }
}

function isFailure(error: Error): boolean {
  return error instanceof GatewayTimeout || error instanceof GatewayUnavailable;
}
