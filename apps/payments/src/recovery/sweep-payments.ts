import { Injectable } from '@nestjs/common';
import { Periodic } from '@tradepost/service';
import { CheckPayment } from './check-payment';
import { PaymentsConfig } from '../payments.config';
import { PaymentsStore } from '../payment/payments.store';

/** Each may wait for the gateway as long as a charge does: eight at a time. */
const batches = { size: 100, max: 100, atOnceMax: 8, failed: 'unsettled payments not recovered' };

/** Checks payments that are unsettled for PAYMENT_CHECK_AFTER_MS; one replica checks each. */
@Injectable()
export class SweepPayments extends Periodic {
  constructor(
    private readonly config: PaymentsConfig,
    private readonly payments: PaymentsStore,
    private readonly checkPayment: CheckPayment,
  ) {
    super(config.SWEEP_EVERY_MS);
  }

  /** @returns how many payments were checked */
  async run(): Promise<number> {
    const { PAYMENT_CHECK_AFTER_MS, PAYMENT_DEADLINE_MS } = this.config;
    return this.sweep(
      batches,
      async (size) =>
        this.payments.takeUnsettled(PAYMENT_CHECK_AFTER_MS, size, PAYMENT_DEADLINE_MS),
      async (payment) => this.checkPayment.run(payment),
    );
  }
}
