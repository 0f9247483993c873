import { Injectable } from '@nestjs/common';
import { Problem } from '@tradepost/service';
import { Webhook } from 'standardwebhooks';
import { PaymentsConfig } from '../payments.config';

/** Checks that a callback is the gateway's own, per Standard Webhooks. */
@Injectable()
export class GatewaySignature {
  private readonly webhook?: Webhook;

  constructor({ GATEWAY_URL, GATEWAY_CALLBACK_SECRET: secret }: PaymentsConfig) {
    if (GATEWAY_URL !== undefined && secret !== undefined) this.webhook = new Webhook(secret);
  }

  /**
   * @param raw the body, byte for byte as it came
   * @returns its id, the same in every copy
   * @throws Problem 401 when it is not signed by the secret, or more than five minutes old; 404
   * with the sandbox in this process, which sends no callbacks
   */
  verify(raw: string, headers: Record<string, string>): string {
    if (!this.webhook) throw disabled();
    try {
      this.webhook.verify(raw, headers, { jsonParse: false });
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
