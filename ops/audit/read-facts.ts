import { ask, read, readAll, Unreachable } from './client';
import {
  groupBy,
  type Balance,
  type Charge,
  type Entry,
  type Facts,
  type LedgerFacts,
  type Order,
  type Payment,
} from './facts';
import type { Endpoints } from './endpoints';
import { readMessaging } from './read-messaging';

interface OrderItem extends Pick<Order, 'id' | 'status' | 'currency' | 'total'> {
  createdAt: string;
  timeline?: { state: string; at: string }[];
}

interface PaymentItem extends Omit<Payment, 'updatedAt' | 'refundedAt'> {
  updatedAt: string;
  attempts: { operation: string; outcome: string; at: string }[];
}

type EntryItem = Omit<Entry, 'bookedAt'> & { bookedAt: string };

/**
 * Reads everything, downstream services first: a charge, a payment or an entry that is read has its
 * payment and its order in a later read, also while the shop is at work. Other facts
 * may contradict each other because they are read at different times.
 * @throws Unreachable
 */
export async function readFacts(endpoints: Endpoints): Promise<Facts> {
  const [books, money] = await Promise.all([readBooks(endpoints), readMoney(endpoints)]);
  const readAt = Date.now();
  const orders = await readOrders(endpoints);
  const messaging = await readMessaging(endpoints);
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

async function readMoney(endpoints: Endpoints): Promise<Pick<Facts, 'charges' | 'payments'>> {
  const charges = await readCharges(endpoints);
  const url = first(endpoints, 'payments');
  const { token } = endpoints;
  const payments = new Map<string, Payment>();
  for await (const item of readAll<PaymentItem>(`${url}/v1/payments`, { token })) {
    payments.set(item.id, paymentOf(item));
  }
  return { charges, payments };
}

async function readBooks(endpoints: Endpoints): Promise<Pick<Facts, 'entries' | 'ledger'>> {
  const url = `${first(endpoints, 'financial')}/v1/ledger`;
  const { token } = endpoints;
  const before = await read<{ items: Balance[] }>(`${url}/balances`, token);
  const entries: Entry[] = [];
  for await (const item of readAll<EntryItem>(`${url}/entries`, { token })) {
    const { transactionId, orderId, kind, postings } = item;
    entries.push({ transactionId, orderId, kind, postings, bookedAt: Date.parse(item.bookedAt) });
  }
  const [after, trial] = await Promise.all([
    read<{ items: Balance[] }>(`${url}/balances`, token),
    read<{ totals: LedgerFacts['trial']; balanced: boolean }>(`${url}/trial-balance`, token),
  ]);
  const { totals, balanced } = trial;
  return { entries, ledger: { before: before.items, after: after.items, trial: totals, balanced } };
}

async function readOrders(endpoints: Endpoints): Promise<Map<string, Order>> {
  const orders = new Map<string, Order>();
  const url = `${first(endpoints, 'orders')}/v1/orders?include=timeline`;
  for await (const item of readAll<OrderItem>(url, { token: endpoints.token })) {
    const { id, status, currency, total } = item;
    const timeline = (item.timeline ?? []).map(({ state, at }) => ({ state, at: Date.parse(at) }));
    const createdAt = Date.parse(item.createdAt);
    const seen = (orders.get(id)?.seen ?? 0) + 1;
    orders.set(id, { id, status, currency, total, createdAt, timeline, seen });
  }
  return orders;
}

async function readCharges(endpoints: Endpoints): Promise<Map<string, Charge>> {
  const charges = new Map<string, Charge>();
  for await (const item of readAll<Charge>(await recordOf(endpoints), { token: endpoints.token })) {
    const { paymentId, currency, amount } = item;
    // Two charges of one payment would be one too many; their movements say so.
    const { captures = 0, refunds = 0 } = charges.get(paymentId) ?? {};
    const sums = { captures: captures + item.captures, refunds: refunds + item.refunds };
    charges.set(paymentId, { paymentId, currency, amount, ...sums });
  }
  return charges;
}

async function recordOf(endpoints: Endpoints): Promise<string> {
  if (endpoints.gateway !== undefined) return `${endpoints.gateway}/v1/charges`;
  const url = `${first(endpoints, 'payments')}/v1/sandbox/charges`;
  const { status } = await ask(`${url}?limit=1`, endpoints.token);
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

function first({ services }: Endpoints, service: keyof Endpoints['services']): string {
  const [url] = services[service];
  if (url === undefined) throw new Unreachable(service, 'no address was given');
  return url;
}
