import { SaleFinalized } from '@tradepost/contracts';
import type { Page } from '@tradepost/service';
import { eventually, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { type PaymentView, PaymentViewsStore } from '../src/payment/payment-views.store';
import { PaymentsModule } from '../src/payments.module';

describe('reading payments', () => {
  let service: TestService;
  const orderIds = Array.from({ length: 7 }, () => randomUUID());

  beforeAll(async () => {
    const env = { GATEWAY: 'sandbox', SANDBOX_LATENCY_MS: '0' };
    service = await testService(PaymentsModule, env);
    for (const orderId of orderIds) await service.broker.publish(SaleFinalized, saleOf(orderId));
    await eventually(async () => {
      const { items } = await page('limit=100');
      expect(items.map(({ status }) => status)).toEqual(orderIds.map(() => 'captured'));
    });
  });
  afterAll(async () => service.stop());

  const saleOf = (orderId: string): SaleFinalized => ({
    orderId,
    customerId: '1',
    customerName: 'Paul Jhon',
    currency: 'USD',
    total: 4_990,
    items: [{ sku: 'MUG', quantity: 1, unitPrice: 4_990 }],
    finalizedAt: new Date().toISOString(),
  });

  async function page(query: string): Promise<Page<PaymentView>> {
    const response = await fetch(`${service.url}/v1/payments?${query}`);
    return (await response.json()) as Page<PaymentView>;
  }

  it('gives every payment once, with its attempts, as its order shows it', async () => {
    const seen: PaymentView[] = [];
    let query = 'limit=3';
    for (let more = true; more;) {
      const { items, nextCursor } = await page(query);
      expect(items.length).toBeLessThanOrEqual(3);
      seen.push(...items);
      query = `limit=3&cursor=${String(nextCursor)}`;
      more = nextCursor !== null;
    }
    const own = await Promise.all(orderIds.map(async (id) => page(`orderId=${id}`)));
    expect(own.map(({ nextCursor }) => nextCursor)).toEqual(orderIds.map(() => null));
    const byId = (a: PaymentView, b: PaymentView) => (a.id < b.id ? -1 : 1);
    expect(seen).toEqual(own.flatMap(({ items }) => items).sort(byId));
    expect(seen.every(({ attempts }) => attempts.length === 1)).toBe(true);
  });

  it('shows the attempts of a payment in their order, however they are stored', async () => {
    const [{ id } = { id: '' }] = (await page('limit=1')).items;
    const text = `
      INSERT INTO payment_attempts (payment_id, number, operation, outcome, worker)
      SELECT $1, number, 'charge', 'approved', 'worker-1' FROM unnest(ARRAY[4, 2, 3]) AS number`;
    await service.db.query({ name: 'test-attempts', text }, [id]);
    const [{ attempts } = { attempts: [] }] = (await page('limit=1')).items;
    expect(attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    const remove = 'DELETE FROM payment_attempts WHERE payment_id = $1 AND number > 1';
    await service.db.query({ name: 'test-remove', text: remove }, [id]);
  });

  it('reads no more of them than it was asked for', async () => {
    expect(await service.app.get(PaymentViewsStore).page(undefined, 2)).toHaveLength(2);
  });

  it('gives 1,000 at a time', async () => {
    const text = `
      INSERT INTO payments (id, order_id, currency, amount, status)
      SELECT gen_random_uuid(), gen_random_uuid(), 'USD', 1, 'declined' FROM generate_series(1, 1000)`;
    await service.db.query({ name: 'test-many', text });
    const { items, nextCursor } = await page('limit=1000');
    expect(items).toHaveLength(1_000);
    expect((await page(`limit=1000&cursor=${String(nextCursor)}`)).items).toHaveLength(7);
  });

  it('answers other services for the payment of an order', async () => {
    const [orderId = ''] = orderIds;
    const ask = async (of: string) => {
      return (await service.broker.ask('payments.get-payment', { orderId: of })).body;
    };
    const payment = { paymentId: expect.any(String), currency: 'USD', amount: 4_990 };
    expect(await ask(orderId)).toEqual({ ...payment, orderId, status: 'captured' });
    const refused = randomUUID();
    const sale = { ...saleOf(refused), paymentToken: 'tok_decline' };
    await service.broker.publish(SaleFinalized, sale);
    const declined = { status: 'declined', declineReason: 'card_declined' };
    await eventually(async () =>
      expect(await ask(refused)).toEqual({ ...payment, orderId: refused, ...declined }),
    );
    expect(await ask(randomUUID())).toMatchObject({ error: { code: 'payment_unknown' } });
  });
});
