import {
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  SaleBooked,
} from '@tradepost/contracts';
import { eventually, type TestBroker } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';

const contracts = { PaymentCaptured, PaymentDeclined, PaymentRefunded, SaleBooked };

/** Everything that was published before is handled: what comes after it is a dead letter. */
export async function allHandled(
  broker: TestBroker,
  ...names: (keyof typeof contracts)[]
): Promise<void> {
  for (const name of names) {
    const [orderId, paymentId, transactionId] = [randomUUID(), randomUUID(), randomUUID()];
    const payment = { paymentId, currency: 'USD' as const, amount: 1, reason: 'unknown' };
    await broker.publish(contracts[name], { orderId, transactionId, ...payment });
    const queue = `orders.${contracts[name].route.exchange}`;
    await eventually(async () => {
      const bodies = (await broker.deadLetters(queue)).map(({ body }) => body);
      expect(bodies).toContainEqual(expect.objectContaining({ orderId }));
    });
  }
}
