import { GatewayTimeout, GatewayUnavailable } from './payment-gateway';

export interface GatewayRequest {
  paymentId: string;
  /** With a body the request is a POST, without one a GET. */
  body?: object;
  /** For all of it: connecting, the headers, and the body to its end. */
  timeoutMs: number;
}

export interface GatewayResponse {
  status: number;
  /** Undefined when it is not JSON. */
  body: unknown;
}

/**
 * One HTTP request of the gateway, whatever its status.
 * @throws GatewayTimeout when no response came in time, GatewayUnavailable when none came at all
 */
export async function request(
  url: string,
  { paymentId, body, timeoutMs }: GatewayRequest,
): Promise<GatewayResponse> {
  try {
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      headers: body && { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: parse(await response.text()) };
  } catch (error) {
    const { name, cause } = error as Error;
    if (name === 'TimeoutError') throw new GatewayTimeout(paymentId, timeoutMs);
    throw new GatewayUnavailable(paymentId, String(cause ?? error));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
