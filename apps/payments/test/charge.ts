import type { INestApplication } from '@nestjs/common';
import { Message } from '@tradepost/messaging';
import { randomUUID } from 'node:crypto';
import { ChargePayment } from '../src/payment/charge-payment';

/** As the handler does with messages of these payments. @throws the first one's error */
export async function charge(
  app: INestApplication,
  ...payments: { paymentId: string }[]
): Promise<void> {
  const errors = await app.get(ChargePayment).runEach(payments.map(receivedOf));
  const error = errors.find((one) => one !== undefined);
  if (error) throw error;
}

export function receivedOf({ paymentId }: { paymentId: string }) {
  const queue = 'payments.charge-payment';
  const none = [undefined, undefined, undefined, undefined] as const;
  const message = new Message(randomUUID(), 'charge-payment', queue, 1, 6, ...none, false);
  return { body: { paymentId }, message };
}
