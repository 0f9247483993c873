import { eventually } from '@tradepost/test-kit';
import type { Service } from '../../apps/services';
import { ownShop } from './own-shop';
import { netOf, type Balance } from './storefront';

const mugs = { currency: 'USD', items: [{ sku: 'MUG-BLUE', quantity: 2 }] };

describe('a sale', () => {
  const own = ownShop();

  afterEach(async () => {
    expect(await own.broker.allDeadLetters()).toEqual({});
  });

  const sale = (name: string, test: () => Promise<void>) => it(name, own.telling(test));

  sale('is placed, confirmed, booked and paid', async () => {
    const placed = await own.front.place({ customerId: '1', ...mugs });
    expect(placed).toMatchObject({ status: 'pending', total: 2_500, currency: 'USD' });

    const order = await own.front.orderWhen(placed.id, 'completed');

    expect(order.customerName).toBe('Paul Jhon');
    const states = order.timeline.map(({ state }) => state);
    expect(states).toEqual(['pending', 'awaiting_payment', 'paid', 'completed']);
    expect(await own.front.payments(order.id)).toMatchObject([
      { status: 'captured', amount: 2_500, currency: 'USD', attempts: [{ outcome: 'approved' }] },
    ]);
    await eventually(async () => {
      const entries = await own.front.entries(order.id);
      expect(entries.map(({ kind }) => kind).sort()).toEqual(['sale', 'settlement']);
      expect(netOf(entries)).toEqual({
        cash: 2_500,
        receivable: 0,
        revenue: -2_500,
      });
    });
    await booksAreBalanced();
  });

  sale('leaves one info line in each service that it moves in', async () => {
    const lines = async (orderId: string): Promise<string[]> => {
      const found = await own.front.logs({ 'field.orderId': orderId });
      return found.map(({ level, service, message }) => `${level} ${service}: ${message}`).sort();
    };
    const sell = async (): Promise<string> => {
      const { id } = await own.front.place({ customerId: '1', ...mugs });
      await own.front.orderWhen(id, 'completed');
      await eventually(async () => expect((await lines(id)).length).toBeGreaterThanOrEqual(3));
      return id;
    };
    const id = await sell();
    // When the lines of the next sale are there, so are all of the first.
    await sell();
    expect(await lines(id)).toEqual([
      'info financial: sale booked',
      'info orders: order advanced',
      'info payments: payment captured',
    ]);
  });

  sale('in a currency without decimals completes too', async () => {
    const { id, total } = await own.front.place({
      customerId: '2',
      currency: 'JPY',
      items: [{ sku: 'MUG-BLUE', quantity: 1 }],
    });
    expect(total).toBe(1_800);
    await own.front.orderWhen(id, 'completed');
    const [payment] = await own.front.payments(id);
    expect(payment).toMatchObject({ amount: 1_800, currency: 'JPY' });
  });

  sale('whose payment is declined fails, and its booking is reversed', async () => {
    const request = { customerId: '1', ...mugs, paymentToken: 'tok_decline' };
    const { id } = await own.front.place(request);

    await own.front.orderWhen(id, 'payment_failed');

    expect(await own.front.payments(id)).toMatchObject([{ status: 'declined' }]);
    await eventually(async () => {
      const entries = await own.front.entries(id);
      expect(entries.map(({ kind }) => kind).sort()).toEqual(['reversal', 'sale']);
      const net = netOf(entries);
      expect(net).toEqual({ receivable: 0, revenue: 0 });
    });
    await booksAreBalanced();
  });

  sale('whose payment times out at first completes after a second attempt', async () => {
    const items = [{ sku: 'TEST-TIMEOUT-ONCE', quantity: 1 }];
    const paymentToken = 'tok_timeout_once';
    const request = { customerId: '1', currency: 'USD', items, paymentToken };
    const { id } = await own.front.place(request);

    await own.front.orderWhen(id, 'completed', { withinMs: 30_000 });

    expect(await own.front.payments(id)).toMatchObject([
      { status: 'captured', attempts: [{ outcome: 'timed_out' }, { outcome: 'approved' }] },
    ]);
    await showsNowhere(paymentToken, id);
  });

  sale('to an unknown customer is rejected, neither booked nor paid', async () => {
    const { id } = await own.front.place({ customerId: 'unknown', ...mugs });

    const order = await own.front.orderWhen(id, 'rejected');

    expect(order.timeline.map(({ state }) => state)).toEqual(['pending', 'rejected']);
    expect(await own.front.payments(id)).toEqual([]);
    expect(await own.front.entries(id)).toEqual([]);
  });

  sale('is one trace through the services that have a part in it', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const request = { customerId: '3', ...mugs, paymentToken: 'tok_decline' };
    const { id } = await own.front.place(request, { traceparent });
    await own.front.orderWhen(id, 'payment_failed');

    // Both warn of the declined payment.
    await eventually(async () => {
      const services = (await own.front.logs({ traceId })).map(({ service }) => service);
      expect(services).toEqual(expect.arrayContaining(['orders', 'payments']));
    });
  });

  /** OWASP API3 properties: the token of a sale is in no answer about it, and in no log. */
  async function showsNowhere(paymentToken: string, id: string): Promise<void> {
    const addresses: [Service, string][] = [
      ['orders', `/v1/orders/${id}`],
      ['orders', `/v1/orders/${id}/events`],
      ['orders', '/v1/orders?include=timeline'],
      ['payments', `/v1/payments?orderId=${id}`],
      ['financial', `/v1/ledger/entries?orderId=${id}`],
      ['log-sink', `/v1/logs?field.orderId=${id}`],
    ];
    for (const [app, path] of addresses) {
      const answer = await eventually(async () => {
        const text = await (await fetch(`${own.shop.url(app)}${path}`)).text();
        expect(text).toMatch(/"items":\[\{/);
        return text;
      });
      expect(answer).not.toContain(paymentToken);
    }
    expect(own.shop.lastLines(500)).not.toContain(paymentToken);
  }

  async function booksAreBalanced(): Promise<void> {
    const balances: Balance[] = await own.front.balances();
    expect(balances.length).toBeGreaterThan(0);
    for (const currency of new Set(balances.map((line) => line.currency))) {
      const lines = balances.filter((line) => line.currency === currency);
      expect(lines.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);
    }
  }
});
