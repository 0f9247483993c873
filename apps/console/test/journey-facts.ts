import type { Step } from '@tradepost/messaging/ops';
import type { LedgerEntry } from '../src/api/ledger';
import type { LogEntry } from '../src/api/logs';
import type { OrderDetails, Payment } from '../src/api/orders';
import type { JourneyFacts } from '../src/journey/facts';

export const began = Date.parse('2026-11-26T12:00:00.000Z');
/** When nothing is on its way any more. */
export const later = began + 60_000;
const at = (ms: number) => new Date(began + ms).toISOString();
export const orderId = '01a21a26-7cc6-74f4-bb1b-7dfe2812ce24';
export const paymentId = '01a21a26-7d02-70fd-a1f4-5c8ee810c2b1';
export const saleId = '01a21a26-7d03-70fa-ba77-740fb5d52719';
export const traceId = 'a'.repeat(32);

type State = [state: string, ms: number, cause: string];

export function order(status: string, timeline: State[]): OrderDetails {
  return {
    id: orderId,
    status,
    customerId: '1',
    customerName: 'Paul Jhon',
    currency: 'USD',
    total: 2500,
    items: [{ sku: 'MUG-BLUE', name: 'Mug', quantity: 2, unitPrice: 1250 }],
    createdAt: at(0),
    timeline: timeline.map(([state, ms, cause]) => ({ state, at: at(ms), cause })),
  };
}

export const placed: State = ['pending', 0, 'order-placed'];
export const known: State = ['awaiting_payment', 40, 'customer-known'];
const captured: State = ['paid', 212, 'payment-captured'];

const paid = order('completed', [placed, known, captured, ['completed', 230, 'sale-booked']]);

export type Attempt = [outcome: string, ms: number, operation?: string];

export function payment(attempts: Attempt[], more: Partial<Payment> = {}): Payment {
  const last = attempts.at(-1);
  return {
    id: paymentId,
    orderId,
    status: 'captured',
    amount: 2500,
    currency: 'USD',
    declineReason: null,
    createdAt: at(60),
    updatedAt: at(last?.[1] ?? 60),
    attempts: attempts.map(([outcome, ms, operation = 'charge'], index) => {
      return { number: index + 1, operation, outcome, worker: 'host:12', at: at(ms) };
    }),
    ...more,
  };
}

export function entry(kind: string, ms: number, id = saleId): LedgerEntry {
  const postings = [
    { account: 'receivable', debit: 2500 },
    { account: 'revenue', credit: 2500 },
  ];
  return { id, kind, orderId, currency: 'USD', postings, bookedAt: at(ms) };
}

export function line(
  message: string,
  ms: number,
  data: Record<string, unknown>,
  more: Partial<LogEntry> = {},
): LogEntry {
  const common = { level: 'info', service: 'orders', context: null, traceId } as const;
  return { id: `${message} ${ms}`, time: at(ms), message, data, ...common, ...more };
}

export const facts = (more: Partial<JourneyFacts> = {}): JourneyFacts => ({
  order: paid,
  payments: [payment([['approved', 100]])],
  entries: [],
  logs: [],
  deadLetters: [],
  steps: [],
  traceIds: [traceId],
  handlers: [],
  tierMs: { '1s': 1_000, '5s': 5_000 },
  missing: [],
  ...more,
});

export const step = (more: Partial<Step>): Step => ({
  id: 's1',
  traceId,
  kind: 'handled',
  service: 'payments',
  instance: 'host:12',
  at: began + 90,
  tookMs: 12,
  outcome: 'ok',
  ...more,
});

export const handler = {
  service: 'payments',
  name: 'ChargePaymentWork.handle',
  pattern: 'work' as const,
  contract: 'ChargePayment',
  queue: 'payments.charge-payment',
  bindings: [],
  retry: ['1s'],
};
