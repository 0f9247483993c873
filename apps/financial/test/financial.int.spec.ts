import {
  LogEntries,
  OrderCancelled,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  SaleBooked,
  SaleFinalized,
} from '@tradepost/contracts';
import { databaseUrl, Db } from '@tradepost/database';
import type { Body, FanoutContract } from '@tradepost/messaging/contract';
import {
  environment,
  eventually,
  type Listener,
  testService,
  type TestService,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { FinancialModule } from '../src/financial.module';
import type { Balance } from '../src/ledger/balances.store';
import type { BookedEntry } from '../src/ledger/ledger.store';
import type { TrialBalance } from '../src/ledger/trial-balance';

type Line = Balance & { balance: number };

describe('financial', () => {
  let service: TestService;
  let saleBooked: Listener<SaleBooked>;

  beforeAll(async () => {
    service = await testService(FinancialModule);
    saleBooked = await service.broker.listen(SaleBooked);
  });

  afterAll(async () => {
    await service.stop();
  });

  const saleOf = (orderId: string, total = 4_990): SaleFinalized => ({
    orderId,
    customerId: '1',
    customerName: 'Paul Jhon',
    currency: 'USD',
    total,
    items: [{ sku: 'MUG', quantity: 1, unitPrice: total }],
    finalizedAt: new Date().toISOString(),
  });

  const paymentOf = (orderId: string, amount = 4_990) =>
    ({ paymentId: randomUUID(), orderId, currency: 'USD', amount }) as const;

  const cancellationOf = (orderId: string) => ({ orderId, reason: 'changed my mind' });

  async function get<T>(path: string): Promise<{ status: number; type: string; body: T }> {
    const response = await fetch(service.url + path);
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, body: (await response.json()) as T };
  }

  async function entriesOf(orderId: string) {
    const path = `/v1/ledger/entries?orderId=${orderId}`;
    return (await get<{ items: BookedEntry[] }>(path)).body.items;
  }

  /** Resolves when the order has these kinds of entries, whatever their order, and no others. */
  async function untilBooked(orderId: string, kinds: string[]) {
    return eventually(async () => {
      const entries = await entriesOf(orderId);
      expect(entries.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
      return entries;
    });
  }

  /** The balance of each account over one order's entries. */
  async function balancesOf(orderId: string) {
    const rows = await service.db.query<{ account: string; balance: number }>(
      {
        name: 'test-balances-of-order',
        text: `SELECT account, sum(CASE side WHEN 'debit' THEN amount ELSE -amount END)::bigint AS balance
               FROM ledger_postings JOIN ledger_entries USING (transaction_id)
               WHERE order_id = $1 GROUP BY account`,
      },
      [orderId],
    );
    return Object.fromEntries(rows.map(({ account, balance }) => [account, balance]));
  }

  it('books a sale as a balanced double entry, once however often it is told, and says so', async () => {
    const orderId = randomUUID();
    const messageId = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(orderId), { messageId });
    await service.broker.publish(SaleFinalized, saleOf(orderId), { messageId });
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    const [entry] = await untilBooked(orderId, ['sale']);
    expect(entry?.postings).toEqual([
      { account: 'receivable', side: 'debit', currency: 'USD', amount: 4_990 },
      { account: 'revenue', side: 'credit', currency: 'USD', amount: 4_990 },
    ]);

    // Batches run one after another: when a later sale is booked, the copies have been dealt with.
    await service.broker.publish(SaleFinalized, saleOf(orderId), { messageId });
    const later = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(later));
    await eventually(async () => {
      expect(saleBooked.messages.map(({ body }) => body.orderId)).toContain(later);
    });
    const said = saleBooked.messages.filter(({ body }) => body.orderId === orderId);
    // Once a message: who says a second time that the sale is final has not heard that it is booked.
    const booked = { orderId, transactionId: entry?.transactionId };
    expect(said.map(({ body }) => body)).toEqual([booked, booked]);
    expect(await entriesOf(orderId)).toHaveLength(1);
  });

  it('goes on with the flow of each sale in a batch', async () => {
    const sales = Array.from({ length: 10 }, (_, i) => ({
      orderId: randomUUID(),
      correlationId: `flow-${i}`,
      headers: { traceparent: `00-${`${i}`.repeat(32)}-${'b'.repeat(16)}-01` },
    })).slice(1);
    await Promise.all(
      sales.map(({ orderId, ...options }) =>
        service.broker.publish(SaleFinalized, saleOf(orderId), options),
      ),
    );
    for (const { orderId, correlationId, headers } of sales) {
      const said = await eventually(async () => {
        const found = saleBooked.messages.find(({ body }) => body.orderId === orderId);
        if (!found) throw new Error(`order ${orderId} is not booked`);
        return found;
      });
      expect(said.properties.correlationId).toBe(correlationId);
      expect(String(said.headers.traceparent).slice(0, 35)).toBe(headers.traceparent.slice(0, 35));
    }
  });

  it('settles a captured sale', async () => {
    const orderId = randomUUID();
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    await untilBooked(orderId, ['sale']);
    await service.broker.publish(PaymentCaptured, paymentOf(orderId));
    await untilBooked(orderId, ['sale', 'settlement']);
    expect(await balancesOf(orderId)).toEqual({ cash: 4_990, receivable: 0, revenue: -4_990 });
  });

  it('settles a sale whose capture came first', async () => {
    const orderId = randomUUID();
    await service.broker.publish(PaymentCaptured, paymentOf(orderId));
    await untilBooked(orderId, ['settlement']);
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    await untilBooked(orderId, ['sale', 'settlement']);
    expect(await balancesOf(orderId)).toEqual({ cash: 4_990, receivable: 0, revenue: -4_990 });
  });

  it('reverses a declined sale, once although it is cancelled too', async () => {
    const orderId = randomUUID();
    const declined = { ...paymentOf(orderId), reason: 'card_declined' };
    await service.broker.publish(PaymentDeclined, declined);
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    await service.broker.publish(OrderCancelled, cancellationOf(orderId));
    await untilBooked(orderId, ['sale', 'reversal']);
    const another = randomUUID();
    await service.broker.publish(OrderCancelled, cancellationOf(orderId));
    await service.broker.publish(PaymentDeclined, { ...declined, orderId: another });
    await untilBooked(another, ['reversal']);
    expect(await entriesOf(orderId)).toHaveLength(2);
    expect(await balancesOf(orderId)).toEqual({ receivable: 0, revenue: 0 });
  });

  it('reverses a sale that comes after its cancellation', async () => {
    const orderId = randomUUID();
    await service.broker.publish(OrderCancelled, cancellationOf(orderId));
    await eventually(async () => {
      const text = 'SELECT FROM cancelled_orders WHERE order_id = $1';
      expect(await service.db.query({ name: '', text }, [orderId])).toHaveLength(1);
    });
    await service.broker.publish(SaleFinalized, saleOf(orderId));
    await untilBooked(orderId, ['sale', 'reversal']);
    expect(await balancesOf(orderId)).toEqual({ receivable: 0, revenue: 0 });
  });

  it('reverses every sale that is booked and cancelled at the same time', async () => {
    const orderIds = Array.from({ length: 30 }, () => randomUUID());
    await Promise.all(
      orderIds.flatMap((orderId) => [
        service.broker.publish(SaleFinalized, saleOf(orderId)),
        service.broker.publish(OrderCancelled, cancellationOf(orderId)),
      ]),
    );
    for (const orderId of orderIds) await untilBooked(orderId, ['sale', 'reversal']);
  });

  /** Says it, and resolves when financial has dealt with it, with whatever effect. */
  async function settled<C extends FanoutContract>(contract: C, body: Body<C>): Promise<void> {
    await service.broker.publish(contract, body);
    // What comes later on the same queue has an effect later.
    const orderId = randomUUID();
    await service.broker.publish(contract, { ...body, orderId });
    await eventually(async () => {
      const text = `SELECT FROM ledger_entries WHERE order_id = $1
        UNION ALL SELECT FROM cancelled_orders WHERE order_id = $1`;
      expect(await service.db.query({ name: '', text }, [orderId])).toHaveLength(1);
    });
  }

  const refunded = { cash: 0, receivable: 0, revenue: -4_990, refunds: 4_990 };

  it('books the refund of a paid sale against refunds: the sale stands', async () => {
    const orderId = randomUUID();
    await settled(SaleFinalized, saleOf(orderId));
    await settled(PaymentCaptured, paymentOf(orderId));
    await settled(OrderCancelled, cancellationOf(orderId));
    await settled(PaymentRefunded, paymentOf(orderId));
    await untilBooked(orderId, ['sale', 'settlement', 'refund']);
    expect(await balancesOf(orderId)).toEqual(refunded);
  });

  it('reinstates a sale that was reversed before the news of its payment came', async () => {
    const orderId = randomUUID();
    await settled(SaleFinalized, saleOf(orderId));
    await settled(OrderCancelled, cancellationOf(orderId));
    await untilBooked(orderId, ['sale', 'reversal']);
    await settled(PaymentRefunded, paymentOf(orderId));
    await settled(PaymentCaptured, paymentOf(orderId));
    await untilBooked(orderId, ['sale', 'reversal', 'reinstatement', 'settlement', 'refund']);
    expect(await balancesOf(orderId)).toEqual(refunded);
  });

  it('a late decline, or a sale after its cancellation, reverses nothing that was paid', async () => {
    const orderId = randomUUID();
    await settled(PaymentCaptured, paymentOf(orderId));
    await settled(OrderCancelled, cancellationOf(orderId));
    await settled(SaleFinalized, saleOf(orderId));
    await settled(PaymentDeclined, { ...paymentOf(orderId), reason: 'card_declined' });
    await untilBooked(orderId, ['sale', 'settlement']);
  });

  it('books each payment and each refund once, however often it is told', async () => {
    const [orderId, declined] = [randomUUID(), randomUUID()];
    const messageId = randomUUID();
    for (const options of [{ messageId }, { messageId }, {}]) {
      await service.broker.publish(PaymentCaptured, paymentOf(orderId), options);
      await service.broker.publish(PaymentRefunded, paymentOf(orderId), options);
      const news = { ...paymentOf(declined), reason: 'card_declined' };
      await service.broker.publish(PaymentDeclined, news, options);
    }
    await settled(PaymentCaptured, paymentOf(orderId));
    await settled(PaymentRefunded, paymentOf(orderId));
    await untilBooked(orderId, ['settlement', 'refund']);
    await untilBooked(declined, ['reversal']);
    expect(await balancesOf(orderId)).toEqual({ cash: 0, receivable: -4_990, refunds: 4_990 });
  });

  it('books the others of a batch when one cannot be booked, and that one when it can', async () => {
    const [row] = await service.db.query<{ name: string }>({
      name: '',
      text: 'SELECT current_database() AS name',
    });
    const owner = new Db({ url: databaseUrl(environment().postgresUrl, row as { name: string }) });
    const alter = async (change: string) =>
      owner.query({ name: '', text: `ALTER TABLE ledger_postings ${change}` });
    const orderIds = Array.from({ length: 30 }, () => randomUUID());
    const [bad = '', ...good] = orderIds;
    try {
      await alter('ADD CONSTRAINT unlucky CHECK (amount <> 666)');
      await Promise.all(
        orderIds.map((id) =>
          service.broker.publish(PaymentCaptured, paymentOf(id, id === bad ? 666 : 1)),
        ),
      );
      for (const orderId of good) await untilBooked(orderId, ['settlement']);
      expect(await entriesOf(bad)).toEqual([]);
      await alter('DROP CONSTRAINT unlucky');
      await untilBooked(bad, ['settlement']);
    } finally {
      await owner.close();
    }
  });

  it('ends the same when a paid order is cancelled and refunded, all at the same time', async () => {
    const orderIds = Array.from({ length: 20 }, () => randomUUID());
    await Promise.all(
      orderIds.flatMap((orderId) => [
        service.broker.publish(PaymentRefunded, paymentOf(orderId)),
        service.broker.publish(OrderCancelled, cancellationOf(orderId)),
        service.broker.publish(PaymentCaptured, paymentOf(orderId)),
        service.broker.publish(SaleFinalized, saleOf(orderId)),
      ]),
    );
    for (const orderId of orderIds) {
      await eventually(async () => expect(await balancesOf(orderId)).toEqual(refunded));
    }
  });

  it('shows the balances of every account and currency', async () => {
    const orderId = randomUUID();
    await service.broker.publish(SaleFinalized, { ...saleOf(orderId, 1_200), currency: 'JPY' });
    await untilBooked(orderId, ['sale']);
    const { status, body } = await get<{ items: Line[] }>('/v1/ledger/balances');
    expect(status).toBe(200);
    expect(body.items).toEqual(
      expect.arrayContaining([
        { account: 'receivable', currency: 'JPY', debit: 1_200, credit: 0, balance: 1_200 },
        { account: 'revenue', currency: 'JPY', debit: 0, credit: 1_200, balance: -1_200 },
      ]),
    );
    const total = body.items.reduce((sum, { balance }) => sum + balance, 0);
    expect(total).toBe(0);
  });

  it('shows a trial balance, of all currencies or of one', async () => {
    const orderId = randomUUID();
    await service.broker.publish(SaleFinalized, { ...saleOf(orderId, 700), currency: 'KWD' });
    await untilBooked(orderId, ['sale']);
    const all = await get<TrialBalance>('/v1/ledger/trial-balance');
    expect(all).toMatchObject({ status: 200, body: { balanced: true } });
    const { body } = await get<TrialBalance>('/v1/ledger/trial-balance?currency=KWD');
    expect(body).toEqual({
      items: [
        { account: 'receivable', currency: 'KWD', debit: 700, credit: 0 },
        { account: 'revenue', currency: 'KWD', debit: 0, credit: 700 },
        { account: 'refunds', currency: 'KWD', debit: 0, credit: 0 },
        { account: 'cash', currency: 'KWD', debit: 0, credit: 0 },
      ],
      totals: [{ currency: 'KWD', debit: 700, credit: 700 }],
      balanced: true,
    });
    expect(all.body.items).toEqual(expect.arrayContaining(body.items));
  });

  it.each(['?currency=usd', '?currency=', '?currency=USD&currency=JPY', '?at=2026-01-01'])(
    'answers a bad query /v1/ledger/trial-balance%s with a problem',
    async (query) => {
      const { status, type, body } = await get(`/v1/ledger/trial-balance${query}`);
      expect([status, type]).toEqual([400, expect.stringContaining('application/problem+json')]);
      expect(body).toMatchObject({
        errors: [{ pointer: query.startsWith('?at') ? '/at' : '/currency' }],
      });
    },
  );

  it.each(['?orderId=', '?limit=1001', '?cursor=W10', `?orderId=${randomUUID()}&kind=sale`])(
    'answers a bad query /v1/ledger/entries%s with a problem',
    async (query) => {
      const { status, type, body } = await get(`/v1/ledger/entries${query}`);
      expect([status, type]).toEqual([400, expect.stringContaining('application/problem+json')]);
      expect(body).toMatchObject({
        type: 'https://tradepost.dev/problems/invalid-request',
        errors: [{ pointer: expect.stringMatching(/^\/(orderId|limit|cursor|kind)$/) }],
      });
    },
  );

  it('dead-letters nothing in all of this', async () => {
    expect(await service.broker.allDeadLetters()).toEqual({});
  });

  it('logs each sale of a batch in its own flow', async () => {
    // Last: the level is that of the whole process.
    const own = await testService(FinancialModule, { LOG_LEVEL: 'info' });
    try {
      const heard = await own.broker.listen(LogEntries, { key: 'log.info' });
      const flows = Array.from({ length: 9 }, (_, i): [string, string] => [
        randomUUID(),
        `${i + 1}`.repeat(32),
      ]);
      await Promise.all(
        flows.map(([orderId, traceId]) => {
          const traceparent = `00-${traceId}-${'b'.repeat(16)}-01`;
          return own.broker.publish(SaleFinalized, saleOf(orderId), { headers: { traceparent } });
        }),
      );
      await eventually(() => {
        const lines = heard.messages.flatMap(({ body }) => body.entries);
        const booked = lines.filter(({ message }) => message === 'sale booked');
        const flowsSeen = booked.map(({ data, traceId }) => [data?.['orderId'], traceId]);
        expect(flowsSeen.sort()).toEqual([...flows].sort());
      });
    } finally {
      await own.stop();
    }
  });
});
