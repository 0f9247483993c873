import { Injectable } from '@nestjs/common';
import { Rejected } from '@tradepost/messaging';
import { Agent, request } from 'undici';
import { declineReason } from './decline-reason';
import { GatewayGuards } from './gateway-guards';
import {
  type Charge,
  type ChargeResult,
  type FoundCharge,
  GatewayTimeout,
  GatewayUnavailable,
  PaymentGateway,
  type RefundResult,
} from './payment-gateway';
import { PaymentsConfig } from '../payments.config';

/** A retry gets the same status. */
const refusals = [400, 409, 422];

/** What it says of a charge is a few hundred bytes. */
const answerMaxBytes = 1_048_576;

interface GatewayResponse {
  status: number;
  /** Undefined when it is not JSON. */
  body: unknown;
}

/** A provider's API: that of the sandbox gateway, until a real one takes its place. */
@Injectable()
export class HttpGateway extends PaymentGateway {
  private readonly url: string;
  private readonly timeoutMs: number;
  private readonly agent: Agent;

  constructor(
    config: PaymentsConfig,
    private readonly guards: GatewayGuards,
  ) {
    super();
    if (config.GATEWAY_URL === undefined) throw new Error('GATEWAY_URL is not set');
    this.url = config.GATEWAY_URL.replace(/\/$/, '');
    this.timeoutMs = config.GATEWAY_TIMEOUT_MS;
    this.agent = new Agent({
      connect: { timeout: this.timeoutMs },
      maxResponseSize: answerMaxBytes,
    });
  }

  async charge(charge: Charge): Promise<ChargeResult> {
    const { paymentId, currency, amount, paymentToken } = charge;
    const body = { paymentId, currency, amount, ...(paymentToken !== null && { paymentToken }) };
    const response = await this.call(paymentId, '/v1/charges', body);
    const { refunded: _, ...result } = readCharge(paymentId, response);
    return result;
  }

  async refund({ paymentId, currency, amount }: Charge): Promise<RefundResult> {
    const response = await this.call(paymentId, '/v1/refunds', { paymentId, currency, amount });
    const { outcome } = fieldsOf(response);
    if (outcome === 'approved' || outcome === 'nothing_taken') return { outcome };
    throw new GatewayUnavailable(paymentId, noOutcome(response));
  }

  async find(paymentId: string): Promise<FoundCharge | undefined> {
    const response = await this.call(paymentId, `/v1/charges/${paymentId}`);
    return response.status === 404 ? undefined : readCharge(paymentId, response);
  }

  /** @throws Rejected `gateway_refused` for what no retry can mend */
  private async call(paymentId: string, path: string, body?: object): Promise<GatewayResponse> {
    const response = await this.guards.run(paymentId, async () => {
      const received = await this.ask(paymentId, path, body);
      // The request is right: the gateway is unwell, or it is not the gateway.
      if (isOutage(received.status, body === undefined)) {
        throw new GatewayUnavailable(paymentId, `it answered ${received.status}`);
      }
      return received;
    });
    if (!refusals.includes(response.status)) return response;
    const { detail } = fieldsOf(response);
    const why = typeof detail === 'string' ? detail : `it answered ${response.status}`;
    throw new Rejected('gateway_refused', `the gateway refuses payment ${paymentId}: ${why}`);
  }

  /**
   * With a body the request is a POST, without one a GET. Its time includes connecting, and the
   * response to its end.
   * @throws GatewayTimeout when no response came in time, GatewayUnavailable when none came at all
   */
  private async ask(paymentId: string, path: string, body?: object): Promise<GatewayResponse> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    try {
      const response = await request(this.url + path, {
        method: body ? 'POST' : 'GET',
        dispatcher: this.agent,
        headers: body && { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal,
      });
      return { status: response.statusCode, body: parse(await response.body.text()) };
    } catch (error) {
      if (signal.aborted) throw new GatewayTimeout(paymentId, this.timeoutMs);
      throw new GatewayUnavailable(paymentId, String(error));
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isOutage(status: number, isFind: boolean): boolean {
  if (status === 404) return !isFind;
  return status > 299 && !refusals.includes(status);
}

function readCharge(paymentId: string, response: GatewayResponse): FoundCharge {
  const { outcome, reason, ...rest } = fieldsOf(response);
  const refunded = rest.refunded === true;
  if (outcome === 'declined') return { outcome, reason: declineReason(reason), refunded };
  if (outcome === 'approved' || outcome === 'pending') return { outcome, refunded };
  throw new GatewayUnavailable(paymentId, noOutcome(response));
}

function fieldsOf({ body }: GatewayResponse): Record<string, unknown> {
  return Object(body) as Record<string, unknown>;
}

function noOutcome({ status }: GatewayResponse): string {
  return `its answer (${status}) says no outcome`;
}
