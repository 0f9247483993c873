import { Injectable } from '@nestjs/common';
import { Problem } from '@tradepost/service';
import { Webhook } from 'standardwebhooks';
import { PaymentsConfig } from '../payments.config';

/** Whether a callback is the gateway's own, per Standard Webhooks. */
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
   * where no gateway calls
   */
  verify(raw: string, headers: Record<string, string>): string {
    if (!this.webhook) throw notHere();
    try {
      this.webhook.verify(raw, headers, { jsonParse: false });
    } catch (error) {
      throw unsigned(String(error instanceof Error ? error.message : error));
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

function notHere(): Problem {
  return new Problem({
    status: 404,
    type: 'no-gateway-calls',
    title: 'There is nothing at this address',
    detail: 'The payment gateway is in this process; it does not call.',
  });
}
