import { Injectable } from '@nestjs/common';
import { withTrace } from '@tradepost/messaging';
import { Periodic } from '@tradepost/service';
import { CheckPayment } from './check-payment';
import { PaymentsConfig } from '../payments.config';
import { UnsettledPaymentsStore } from './unsettled-payments.store';

const batches = { size: 100, max: 100 };
/** Each may wait for the gateway as long as a charge does. */
const atOnceMax = 8;

/**
 * Checks payments that have been unsettled for PAYMENT_CHECK_AFTER_MS. Every replica may run it at
 * any time: one of them checks a payment.
 */
@Injectable()
export class SweepPayments extends Periodic {
  constructor(
    private readonly config: PaymentsConfig,
    private readonly unsettled: UnsettledPaymentsStore,
    private readonly checkPayment: CheckPayment,
  ) {
    super(config.SWEEP_EVERY_MS);
  }

  /** @returns how many payments were checked */
  async run(): Promise<number> {
    const { PAYMENT_CHECK_AFTER_MS, PAYMENT_DEADLINE_MS } = this.config;
    const failures: unknown[] = [];
    const checked = await this.inBatches(batches, async (size) => {
      const payments = await this.unsettled.take(PAYMENT_CHECK_AFTER_MS, size, PAYMENT_DEADLINE_MS);
      await this.each(payments, atOnceMax, async (payment) =>
        withTrace(undefined, async () => this.checkPayment.run(payment)).catch((error: unknown) => {
          failures.push(error);
        }),
      );
      return payments.length;
    });
    if (failures.length > 0) {
      const fields = { failed: failures.length, checked, error: String(failures[0]) };
      this.log.warn('unsettled payments not recovered', fields);
    }
    return checked;
  }
}
