import { type TestDatabase, testServer, type TestServer } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { SandboxGatewayModule } from '../src/sandbox-gateway.module';

export const secret = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;

/** @param database that of an earlier gateway, to go on with its work */
export function startGateway(
  env: Record<string, string> = {},
  database?: TestDatabase,
): Promise<TestServer> {
  return testServer(SandboxGatewayModule, env, database);
}

export interface ChargeFields {
  paymentId: string;
  currency: string;
  amount: number;
  paymentToken?: string;
}

export function newCharge(paymentToken = 'tok_approve'): ChargeFields {
  return { paymentId: randomUUID(), currency: 'USD', amount: 4_990, paymentToken };
}

export interface HttpResponse {
  status: number;
  body: Record<string, unknown>;
}

/** The gateway's API as a shop sees it. */
export class GatewayClient {
  constructor(private readonly url: string) {}

  charge(charge: ChargeFields, signal?: AbortSignal): Promise<HttpResponse> {
    return this.call('/v1/charges', charge, signal);
  }

  refund({ paymentId, currency, amount }: ChargeFields): Promise<HttpResponse> {
    return this.call('/v1/refunds', { paymentId, currency, amount });
  }

  find(paymentId: string): Promise<HttpResponse> {
    return this.call(`/v1/charges/${paymentId}`);
  }

  /** What the books say of one charge. */
  async record(paymentId: string): Promise<Record<string, unknown> | undefined> {
    const { body } = await this.call('/v1/charges?limit=1000');
    const items = body.items as Record<string, unknown>[];
    return items.find((item) => item.paymentId === paymentId);
  }

  private async call(path: string, body?: object, signal?: AbortSignal): Promise<HttpResponse> {
    const response = await fetch(this.url + path, {
      method: body ? 'POST' : 'GET',
      headers: body && { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
      signal,
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
}
