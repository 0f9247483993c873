import { SaleBooked, type SaleFinalized } from '@tradepost/contracts';
import { lockIds, type Tx } from '@tradepost/database';
import { Message } from '@tradepost/messaging';
import {
  eventually,
  inTurn,
  type Listener,
  testService,
  type TestService,
} from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { FinancialModule } from '../src/financial.module';
import { BookPayments } from '../src/ledger/book-payments';
import { BookSales } from '../src/ledger/book-sales';
import {
  type Entry,
  type EntryKind,
  reversalEntry,
  saleEntry,
  settlementEntry,
} from '../src/ledger/entries';
import { LedgerStore } from '../src/ledger/ledger.store';
import { ReverseSales } from '../src/ledger/reverse-sales';

/** Two that look for what the other one writes, in both orders: one has written, the other one waits. */
describe('two facts of one order', () => {
  let service: TestService;
  let ledger: LedgerStore;
  let saleBooked: Listener<SaleBooked>;

  beforeAll(async () => {
    service = await testService(FinancialModule);
    ledger = service.app.get(LedgerStore);
    saleBooked = await service.broker.listen(SaleBooked);
  });
  afterAll(async () => service.stop());

  const money = () => ({ orderId: randomUUID(), currency: 'USD', amount: 500 }) as const;
  type Money = ReturnType<typeof money>;

  /** As many messages of one sale in one batch. */
  async function sell({ orderId, currency, amount }: Money, copies = 1): Promise<void> {
    const none = [undefined, undefined, undefined, undefined] as const;
    const queue = 'financial.sale-finalized';
    const body = { orderId, currency, total: amount } as SaleFinalized;
    const batch = Array.from({ length: copies }, () => {
      const message = new Message(randomUUID(), 'sale-finalized', queue, 1, 6, ...none, false);
      return { body, message };
    });
    await service.app.get(BookSales).run(batch);
  }

  /** The transactions that SaleBooked has named so far. */
  const saidOf = ({ orderId }: Money): string[] =>
    saleBooked.messages
      .map(({ body }) => body)
      .filter((body) => body.orderId === orderId)
      .map(({ transactionId }) => transactionId);

  const cancel = async ({ orderId }: Money) =>
    service.app.get(ReverseSales).ofCancelled([{ orderId, reason: 'changed my mind' }]);

  /** In the transaction that comes first, as its use case would. */
  const books =
    (...entries: Entry[]) =>
    async (tx: Tx): Promise<void> => {
      await lockIds(
        tx,
        entries.map(({ orderId }) => orderId),
      );
      await ledger.book(tx, entries);
    };

  const cancels =
    ({ orderId }: Money) =>
    async (tx: Tx): Promise<void> => {
      await lockIds(tx, [orderId]);
      await ledger.addCancellations(tx, [{ orderId, reason: 'changed my mind' }]);
    };

  async function kindsOf({ orderId }: Money): Promise<EntryKind[]> {
    return (await ledger.entriesOf(orderId)).map(({ kind }) => kind).sort();
  }

  it('a sale that waits for its cancellation is booked and reversed', async () => {
    const order = money();
    await inTurn(service.db, cancels(order), () => sell(order));
    expect(await kindsOf(order)).toEqual(['reversal', 'sale']);
  });

  it('a cancellation that waits for its sale reverses it, and no other sale', async () => {
    const [order, other] = [money(), money()];
    await sell(other);
    await inTurn(service.db, books(saleEntry(order)), () => cancel(order));
    expect(await kindsOf(order)).toEqual(['reversal', 'sale']);
    expect(await kindsOf(other)).toEqual(['sale']);
  });

  it('a decline that waits for a payment reverses nothing', async () => {
    const order = money();
    await inTurn(service.db, books(settlementEntry(order)), () =>
      service.app.get(ReverseSales).run([order]),
    );
    expect(await kindsOf(order)).toEqual(['settlement']);
  });

  it('a cancellation that waits for a payment reverses nothing', async () => {
    const order = money();
    await sell(order);
    await inTurn(service.db, books(settlementEntry(order)), () => cancel(order));
    expect(await kindsOf(order)).toEqual(['sale', 'settlement']);
  });

  it('a payment that waits for a reversal reinstates the sale', async () => {
    const order = money();
    await sell(order);
    await inTurn(service.db, books(reversalEntry(order)), () =>
      service.app.get(BookPayments).run([settlementEntry(order)]),
    );
    expect(await kindsOf(order)).toEqual(['reinstatement', 'reversal', 'sale', 'settlement']);
  });

  it('a copy of a cancellation that waits for the first one reverses once', async () => {
    const order = money();
    await sell(order);
    await inTurn(service.db, cancels(order), () => cancel(order));
    await cancel(order);
    expect(await kindsOf(order)).toEqual(['reversal', 'sale']);
  });

  it('a sale that waits for the same one is booked once, and each says which booking it is', async () => {
    const order = money();
    const sale = saleEntry(order);
    await inTurn(service.db, books(sale), () => sell(order));
    await service.db.transaction(books(settlementEntry(order)));
    await sell(order);
    expect(await kindsOf(order)).toEqual(['sale', 'settlement']);
    const { transactionId } = sale;
    await eventually(() => expect(saidOf(order)).toEqual([transactionId, transactionId]));
  });

  it('of one sale twice in a batch both say the one booking', async () => {
    const order = money();
    await sell(order, 2);
    const [booked] = await ledger.entriesOf(order.orderId);
    const { transactionId } = booked as Entry;
    await eventually(() => expect(saidOf(order)).toEqual([transactionId, transactionId]));
    expect(await kindsOf(order)).toEqual(['sale']);
  });
});
