import { Injectable } from '@nestjs/common';
import { ChargePayment } from '@tradepost/contracts';
import { type Failed, failures, OnWork, type Received } from '@tradepost/messaging';
import { ChargePayment as ChargePaymentUseCase } from './payment/charge-payment';

@Injectable()
export class ChargePaymentWork {
  constructor(private readonly chargePayment: ChargePaymentUseCase) {}

  // A charge that times out keeps its lane until then, and no other one: few a call, in many lanes.
  // All together, 128, are as many as the gateway's guards let wait (GatewayGuards).
  @OnWork(ChargePayment, { batch: { size: 8, lanes: 16 } })
  async handle(payments: Received<ChargePayment>[]): Promise<Failed[]> {
    return failures(payments, await this.chargePayment.runEach(payments));
  }
}
