import { Injectable } from '@nestjs/common';
import { keysOf, Problem, verifyByAny } from '@tradepost/service';
import { PaymentsConfig } from '../payments.config';

/** Checks that a callback is the gateway's own, per Standard Webhooks. */
@Injectable()
export class GatewaySignature {
  private readonly keys?: () => string[];

  constructor(config: PaymentsConfig) {
    const { GATEWAY_URL, GATEWAY_CALLBACK_SECRET: secret } = config;
    if (GATEWAY_URL === undefined || secret === undefined) return;
    this.keys = keysOf(config, 'GATEWAY_CALLBACK_SECRET');
  }

  /**
   * @param raw the body, byte for byte as it came
   * @returns its id, the same in every copy
   * @throws Problem 401 when it is not signed by the secret, or more than five minutes old; 404
   * with the sandbox in this process, which sends no callbacks
   */
  verify(raw: string, headers: Record<string, string>): string {
    if (!this.keys) throw disabled();
    // A key that cannot be read is no fault of the caller.
    const keys = this.keys();
    try {
      verifyByAny(keys, raw, headers);
    } catch (error) {
      throw unsigned((error as Error).message);
    }
    const id = headers['webhook-id'] ?? '';
    if (id.length > idMax) throw unsigned(`webhook-id is longer than ${idMax}`);
    return id;
  }
}

const idMax = 200;

function unsigned(detail: string): Problem {
  return new Problem({
    status: 401,
    type: 'callback-not-signed',
    title: 'This is not signed by the gateway',
    detail,
  });
}

function disabled(): Problem {
  return new Problem({
    status: 404,
    type: 'gateway-callbacks-disabled',
    title: 'Gateway callbacks are disabled',
    detail: 'The payment gateway is the sandbox in this process, which sends no callbacks.',
  });
}
