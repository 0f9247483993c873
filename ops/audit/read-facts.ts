import { ask, read, readAll, Unreachable } from './client';
import {
  groupBy,
  type Balance,
  type Charge,
  type Entry,
  type Facts,
  type Ledger,
  type Order,
  type Payment,
} from './facts';
import type { Places } from './places';
import { readMessaging } from './read-messaging';

interface OrderItem {
  id: string;
  status: string;
  currency: string;
  total: number;
  createdAt: string;
  timeline?: { state: string; at: string }[];
}

interface PaymentItem extends Omit<Payment, 'updatedAt' | 'refundedAt'> {
  updatedAt: string;
  attempts: { operation: string; outcome: string; at: string }[];
}

type EntryItem = Omit<Entry, 'bookedAt'> & { bookedAt: string };

/**
 * Reads all of it, what is downstream first: whatever is seen of a charge, a payment or an entry
 * has its payment and its order in what is read after it, also while the shop is at work. All else
 * that is read at different times may contradict itself for that reason alone.
 * @throws Unreachable
 */
export async function readFacts(places: Places): Promise<Facts> {
  const [books, money] = await Promise.all([readBooks(places), readMoney(places)]);
  const readAt = Date.now();
  const orders = await readOrders(places);
  const messaging = await readMessaging(places);
  return {
    readAt,
    orders,
    ...money,
    ...books,
    ...messaging,
    paymentsOf: groupBy(money.payments.values(), ({ orderId }) => orderId),
    entriesOf: groupBy(books.entries, ({ orderId }) => orderId),
  };
}

async function readMoney(places: Places): Promise<Pick<Facts, 'charges' | 'payments'>> {
  const charges = await readCharges(places);
  const payments = new Map<string, Payment>();
  for await (const item of readAll<PaymentItem>(`${first(places, 'payments')}/v1/payments`)) {
    payments.set(item.id, paymentOf(item));
  }
  return { charges, payments };
}

async function readBooks(places: Places): Promise<Pick<Facts, 'entries' | 'ledger'>> {
  const url = `${first(places, 'financial')}/v1/ledger`;
  const before = await read<{ items: Balance[] }>(`${url}/balances`);
  const entries: Entry[] = [];
  for await (const item of readAll<EntryItem>(`${url}/entries`)) {
    const { transactionId, orderId, kind, postings } = item;
    entries.push({ transactionId, orderId, kind, postings, bookedAt: Date.parse(item.bookedAt) });
  }
  const [after, trial] = await Promise.all([
    read<{ items: Balance[] }>(`${url}/balances`),
    read<{ totals: Ledger['trial']; balanced: boolean }>(`${url}/trial-balance`),
  ]);
  const { totals, balanced } = trial;
  return { entries, ledger: { before: before.items, after: after.items, trial: totals, balanced } };
}

async function readOrders(places: Places): Promise<Map<string, Order>> {
  const orders = new Map<string, Order>();
  const url = `${first(places, 'orders')}/v1/orders?include=timeline`;
  for await (const item of readAll<OrderItem>(url)) {
    const { id, status, currency, total } = item;
    const timeline = (item.timeline ?? []).map(({ state, at }) => ({ state, at: Date.parse(at) }));
    const createdAt = Date.parse(item.createdAt);
    const seen = (orders.get(id)?.seen ?? 0) + 1;
    orders.set(id, { id, status, currency, total, createdAt, timeline, seen });
  }
  return orders;
}

async function readCharges(places: Places): Promise<Map<string, Charge>> {
  const charges = new Map<string, Charge>();
  for await (const item of readAll<Charge>(await recordOf(places))) {
    const { paymentId, currency, amount } = item;
    // Two charges of one payment would be one too many; their movements say so.
    const { captures = 0, refunds = 0 } = charges.get(paymentId) ?? {};
    charges.set(paymentId, {
      paymentId,
      currency,
      amount,
      captures: captures + item.captures,
      refunds: refunds + item.refunds,
    });
  }
  return charges;
}

async function recordOf(places: Places): Promise<string> {
  if (places.gateway !== undefined) return `${places.gateway}/v1/charges`;
  const url = `${first(places, 'payments')}/v1/sandbox/charges`;
  const { status } = await ask(`${url}?limit=1`);
  if (status !== 404) return url;
  throw new Unreachable(url, 'no gateway in the process of payments: say --gateway URL');
}

function paymentOf(item: PaymentItem): Payment {
  const { id, orderId, status, currency, amount, attempts } = item;
  const updatedAt = Date.parse(item.updatedAt);
  const refund = attempts.find(
    ({ operation, outcome }) =>
      operation === 'refund' && ['approved', 'nothing_taken'].includes(outcome),
  );
  const noted = status === 'refunded' ? updatedAt : undefined;
  const refundedAt = refund ? Date.parse(refund.at) : noted;
  return { id, orderId, status, currency, amount, updatedAt, refundedAt };
}

function first({ services }: Places, service: keyof Places['services']): string {
  const [url] = services[service];
  if (url === undefined) throw new Unreachable(service, 'no address was given');
  return url;
}
