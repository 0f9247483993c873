import { ChargeMismatch, type SandboxCharge } from './charge';
import { Problem } from '@tradepost/service';

export interface ChargeResponse extends Pick<SandboxCharge, 'outcome' | 'refunded'> {
  paymentId: string;
  /** Of a declined one. */
  reason?: string;
}

export function responseOf(paymentId: string, charge: SandboxCharge): ChargeResponse {
  const { outcome, reason, refunded } = charge;
  return { paymentId, outcome, ...(reason !== null && { reason }), refunded };
}

/** @throws Problem 409 when the payment id stands for another amount */
export async function refusingMismatch<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ChargeMismatch)) throw error;
    throw new Problem({
      status: 409,
      type: 'charge-mismatch',
      title: 'This payment id stands for another charge',
      detail: error.message,
    });
  }
}
