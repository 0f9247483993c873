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

/** So many calls wait for each that may be under way: no longer than that many timeouts. */
const waitingPerCall = 2;

/**
 * What keeps a gateway that is unwell from taking payments with it: few calls at the same time, and
 * none for a while after many failures in a row. docs/adr/0009 says why cockatiel does it. Its
 * timeout policy is not used: fetch's own signal ends the request itself.
 */
@Injectable()
export class GatewayGuards {
  private readonly logger = new Logger(GatewayGuards.name);
  private readonly policy: IPolicy;

  constructor({
    GATEWAY_CALLS_MAX,
    GATEWAY_BREAKER_FAILURES,
    GATEWAY_BREAKER_OPEN_MS,
  }: PaymentsConfig) {
    const breaker = circuitBreaker(handleWhen(isFailure), {
      halfOpenAfter: GATEWAY_BREAKER_OPEN_MS,
      breaker: new ConsecutiveBreaker(GATEWAY_BREAKER_FAILURES),
    });
    breaker.onStateChange((state) => this.say(state));
    // The bulkhead is the outer one: its refusals are no failures of the gateway, and those that
    // wait for the one call that finds out whether it is well again are counted.
    const calls = bulkhead(GATEWAY_CALLS_MAX, GATEWAY_CALLS_MAX * waitingPerCall);
    this.policy = wrap(calls, breaker);
  }

  /** @throws what `call` throws; GatewayUnavailable when it was not made */
  async run<T>(paymentId: string, call: () => Promise<T>): Promise<T> {
    try {
      return await this.policy.execute(call);
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        throw new GatewayUnavailable(paymentId, 'it failed too often just now');
      }
      if (error instanceof BulkheadRejectedError) {
        throw new GatewayUnavailable(paymentId, 'too many calls are under way');
      }
      throw error;
    }
  }

  private say(state: CircuitState): void {
    if (state === CircuitState.Open) this.logger.warn('the gateway is not asked for a while');
    if (state === CircuitState.Closed) this.logger.log('the gateway is asked again');
  }
}

function isFailure(error: Error): boolean {
  return error instanceof GatewayTimeout || error instanceof GatewayUnavailable;
}
