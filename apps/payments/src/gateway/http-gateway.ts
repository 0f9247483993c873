import { Injectable } from '@nestjs/common';
import { Rejected } from '@tradepost/messaging';
import { request } from './gateway-request';
import { GatewayGuards } from './gateway-guards';
import {
  type Charge,
  type ChargeAnswer,
  type FoundCharge,
  GatewayUnavailable,
  PaymentGateway,
  type RefundAnswer,
} from './payment-gateway';
import { PaymentsConfig } from '../payments.config';

/** What another call would be told as well. */
const refusals = [400, 409, 422];

interface Answer {
  status: number;
  body: unknown;
}

/** The sandbox gateway that is a server of its own, and how a provider's API would be talked to. */
@Injectable()
export class HttpGateway extends PaymentGateway {
  private readonly url: string;
  private readonly timeoutMs: number;

  constructor(
    config: PaymentsConfig,
    private readonly guards: GatewayGuards,
  ) {
    super();
    if (config.GATEWAY_URL === undefined) throw new Error('GATEWAY_URL is not set');
    this.url = config.GATEWAY_URL.replace(/\/$/, '');
    this.timeoutMs = config.GATEWAY_TIMEOUT_MS;
  }

  async charge(charge: Charge): Promise<ChargeAnswer> {
    const { paymentId, currency, amount, paymentToken } = charge;
    const body = { paymentId, currency, amount, ...(paymentToken !== null && { paymentToken }) };
    const answer = await this.call(paymentId, '/v1/charges', body);
    const { outcome, reason } = readCharge(paymentId, answer);
    return outcome === 'declined' ? { outcome, reason: reason ?? 'declined' } : { outcome };
  }

  async refund({ paymentId, currency, amount }: Charge): Promise<RefundAnswer> {
    const answer = await this.call(paymentId, '/v1/refunds', { paymentId, currency, amount });
    const outcome = fieldsOf(answer).outcome;
    if (outcome === 'approved' || outcome === 'nothing_taken') return { outcome };
    throw new GatewayUnavailable(paymentId, nonsense(answer));
  }

  async find(paymentId: string): Promise<FoundCharge | undefined> {
    const answer = await this.call(paymentId, `/v1/charges/${paymentId}`);
    return answer.status === 404 ? undefined : readCharge(paymentId, answer);
  }

  /** @throws Rejected `gateway_refused` for what no retry can mend */
  private async call(paymentId: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.guards.run(paymentId, async () => {
      const given = await request(this.url + path, { paymentId, body, timeoutMs: this.timeoutMs });
      // Nothing here is wrong with the request: the gateway is unwell, or it is not the gateway.
      if (isOutage(given.status, body === undefined)) {
        throw new GatewayUnavailable(paymentId, `it answered ${given.status}`);
      }
      return given;
    });
    if (!refusals.includes(answer.status)) return answer;
    const { detail } = fieldsOf(answer);
    const why = typeof detail === 'string' ? detail : `it answered ${answer.status}`;
    throw new Rejected('gateway_refused', `the gateway refuses payment ${paymentId}: ${why}`);
  }
}

function isOutage(status: number, isFind: boolean): boolean {
  if (status === 404) return !isFind;
  return (status < 200 || status > 299) && !refusals.includes(status);
}

function readCharge(paymentId: string, answer: Answer): FoundCharge {
  const { outcome, reason, refunded } = fieldsOf(answer);
  if (outcome === 'approved' || outcome === 'declined' || outcome === 'pending') {
    const why = typeof reason === 'string' && { reason };
    return { outcome, ...why, refunded: refunded === true };
  }
  throw new GatewayUnavailable(paymentId, nonsense(answer));
}

function fieldsOf({ body }: Answer): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

function nonsense({ status }: Answer): string {
  return `its answer (${status}) says no outcome`;
}
