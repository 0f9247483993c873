import { OrderCancelled, PaymentCaptured, SaleBooked, SaleFinalized } from '@tradepost/contracts';
import { eventually, type Listener, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { FinancialModule } from '../src/financial.module';
import type { BookedEntry } from '../src/ledger/ledger.store';

describe('an order whose id is in capitals here and there', () => {
  let service: TestService;
  let saleBooked: Listener<SaleBooked>;

  beforeAll(async () => {
    service = await testService(FinancialModule);
    saleBooked = await service.broker.listen(SaleBooked);
  });
  afterAll(async () => service.stop());

  // A letter in front, so that there is something to spell otherwise.
  const newId = () => `a${randomUUID().slice(1)}`;
  const saleOf = (orderId: string): SaleFinalized => ({
    orderId,
    customerId: '1',
    customerName: 'Paul Jhon',
    currency: 'USD',
    total: 4_990,
    items: [{ sku: 'MUG', quantity: 1, unitPrice: 4_990 }],
    finalizedAt: new Date().toISOString(),
  });

  async function untilBooked(orderId: string, kinds: string[]): Promise<BookedEntry[]> {
    return eventually(async () => {
      const response = await fetch(`${service.url}/v1/ledger/entries?orderId=${orderId}`);
      const { items } = (await response.json()) as { items: BookedEntry[] };
      expect(items.map(({ kind }) => kind).sort()).toEqual(kinds);
      return items;
    });
  }

  it('is reversed when its cancellation came first', async () => {
    const orderId = newId();
    await service.broker.publish(OrderCancelled, { orderId, reason: 'changed my mind' });
    const cancelled = { name: 'test-cancelled', text: 'SELECT order_id FROM cancelled_orders' };
    await eventually(async () => {
      expect(await service.db.query(cancelled)).toContainEqual({ order_id: orderId });
    });
    await service.broker.publish(SaleFinalized, saleOf(orderId.toUpperCase()));

    await untilBooked(orderId, ['reversal', 'sale']);
  });

  it('is told to be booked by the transaction that books it, each time', async () => {
    const orderId = newId();
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    const [sale] = await untilBooked(orderId, ['sale']);
    await service.broker.publish(SaleFinalized, saleOf(orderId.toUpperCase()));

    const booked = { orderId, transactionId: sale?.transactionId };
    await eventually(() => {
      const said = saleBooked.messages.map(({ body }) => body);
      expect(said.filter((body) => body.orderId.toLowerCase() === orderId)).toEqual([
        booked,
        booked,
      ]);
    });
  });

  it('is not reversed when it was paid', async () => {
    const orderId = newId();
    const paid = { paymentId: randomUUID(), orderId, currency: 'USD', amount: 4_990 } as const;
    await service.broker.publish(PaymentCaptured, { ...paid, orderId: orderId.toUpperCase() });
    await untilBooked(orderId.toUpperCase(), ['settlement']);
    await service.broker.publish(OrderCancelled, { orderId, reason: 'changed my mind' });
    await service.broker.publish(SaleFinalized, saleOf(orderId.toUpperCase()));

    await untilBooked(orderId, ['sale', 'settlement']);
  });
});
