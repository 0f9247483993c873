/** One order of two mugs, as each service shows it; by types and operations. */

export const ids = {
  id: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e01',
  orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
  paymentId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
  transactionId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0d',
  deliveryId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0c',
  alertId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0b',
};

/** So long after the order was placed. */
export function at(ms: number): string {
  return new Date(Date.UTC(2026, 0, 31, 12) + ms).toISOString();
}

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const { orderId, paymentId, transactionId } = ids;
const money = { currency: 'USD', amount: 2500 };
const placed = {
  id: orderId,
  status: 'pending',
  customerId: '1',
  customerName: null,
  currency: money.currency,
  total: money.amount,
  items: [{ sku: 'MUG-BLUE', name: 'Stoneware mug, blue', quantity: 2, unitPrice: 1250 }],
  createdAt: at(0),
};
const timeline = [
  { state: 'pending', at: at(0), cause: 'order-placed' },
  { state: 'awaiting_payment', at: at(41), cause: 'customer-known' },
  { state: 'paid', at: at(118), cause: 'payment-captured' },
  { state: 'completed', at: at(131), cause: 'sale-booked' },
];
const completed = { ...placed, status: 'completed', customerName: 'Paul Jhon' };
const cancelled = {
  state: 'cancel_pending',
  at: at(300_000),
  cause: 'cancel-requested: changed my mind',
};

const orders = {
  Order: completed,
  OrderDetails: { ...completed, timeline },
  'orders.place': { ...placed, timeline: timeline.slice(0, 1) },
  'orders.cancel': {
    ...completed,
    status: cancelled.state,
    timeline: [...timeline, cancelled],
  },
  'events.events': { items: timeline.map((step, index) => ({ id: index + 1, ...step })) },
  ProductPage: {
    items: [
      {
        sku: 'MUG-BLUE',
        name: 'Stoneware mug, blue',
        prices: { USD: 1250, EUR: 1190, JPY: 1800 },
      },
      { sku: 'MUG-WHITE', name: 'Stoneware mug, white', prices: { USD: 1150, EUR: 1090 } },
    ],
    nextCursor: null,
  },
};

const endpoint = {
  id: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0a',
  url: 'https://example.com/hooks',
  events: ['order.paid', 'order.cancelled'],
  createdAt: at(-60_000),
  disabledAt: null,
  disabledReason: null,
};

const webhooks = {
  Endpoint: endpoint,
  'webhooks.register': { ...endpoint, secret: `whsec_${'c2VjcmV0'.repeat(5)}c2U=` },
  Delivery: {
    id: `msg_${ids.deliveryId.replaceAll('-', '')}`,
    orderId,
    type: 'order.paid',
    status: 'delivered',
    attempts: 2,
    lastStatus: 204,
    lastError: null,
    createdAt: at(118),
    lastAttemptAt: at(1_540),
    deliveredAt: at(1_540),
  },
};

const charge = { paymentId, outcome: 'approved' };

const payments = {
  PaymentView: {
    id: paymentId,
    orderId,
    ...money,
    status: 'captured',
    declineReason: null,
    createdAt: at(52),
    updatedAt: at(97),
    attempts: [
      {
        number: 1,
        operation: 'charge',
        outcome: 'approved',
        worker: 'payments-1:4021',
        at: at(97),
      },
    ],
  },
  ChargeRecord: { ...charge, ...money, captures: 1, refunds: 0, calls: 1, createdAt: at(80) },
  ChargeResponse: { ...charge, refunded: false },
  'charges.charge 202': { ...charge, outcome: 'pending', refunded: false },
  'charges.refund': charge,
};

const settlementId = '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e10';
const posting = (account: string, side: 'debit' | 'credit') => ({ account, side, ...money });
const balance = (account: string, debit: number, credit: number) => ({
  account,
  currency: money.currency,
  debit,
  credit,
});

const ledger = {
  BookedEntryPage: {
    items: [
      {
        transactionId,
        orderId,
        kind: 'sale',
        postings: [posting('receivable', 'debit'), posting('revenue', 'credit')],
        bookedAt: at(63),
      },
      {
        transactionId: settlementId,
        orderId,
        kind: 'settlement',
        postings: [posting('cash', 'debit'), posting('receivable', 'credit')],
        bookedAt: at(125),
      },
    ],
    nextCursor: null,
  },
  'ledger.balances': {
    items: [
      { ...balance('receivable', 2500, 2500), balance: 0 },
      { ...balance('revenue', 0, 2500), balance: -2500 },
      { ...balance('cash', 2500, 0), balance: 2500 },
    ],
  },
  TrialBalance: {
    items: [
      balance('receivable', 0, 0),
      balance('revenue', 0, 2500),
      balance('refunds', 0, 0),
      balance('cash', 2500, 0),
    ],
    totals: [{ currency: money.currency, debit: 2500, credit: 2500 }],
    balanced: true,
  },
  Statement: {
    account: 'cash',
    currency: money.currency,
    from: '2026-01-01',
    to: '2026-02-01T00:00Z',
    opening: 0,
    closing: 2500,
    items: [
      {
        transactionId: settlementId,
        orderId,
        kind: 'settlement',
        debit: 2500,
        credit: 0,
        balance: 2500,
        bookedAt: at(125).replace('Z', '204Z'),
      },
    ],
    nextCursor: null,
  },
};

const rule = {
  id: '01980000-0000-7000-8000-000000000002',
  name: 'ten warnings of a kind',
  level: 'warning',
  threshold: 10,
  windowSeconds: 300,
};
const alert = {
  id: ids.alertId,
  level: rule.level,
  service: 'payments',
  message: 'gateway circuit open',
  count: 14,
  time: at(3_120),
  lastTime: at(280_002),
  rule: rule.name,
  ruleId: rule.id,
  threshold: rule.threshold,
  windowSeconds: rule.windowSeconds,
  traceId: null,
  data: null,
  raisedAt: at(132_475),
  acknowledged: null,
  notification: 'delivered',
};

const logs = {
  Alert: alert,
  'alerts.acknowledge': {
    ...alert,
    acknowledged: { by: 'ada', at: at(340_000), note: 'the provider is down' },
  },
  AlertRule: { ...rule, service: null, message: null, notify: true, createdAt: at(-86_400_000) },
  'alertRules.add': {
    id: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e11',
    name: 'payments that time out',
    level: 'warning',
    service: 'payments',
    message: null,
    threshold: 10,
    windowSeconds: 60,
    notify: true,
    createdAt: at(0),
  },
  Arrivals: {
    queue: 'logs',
    service: 'orders',
    level: 'info',
    received: 1204,
    missing: 0,
    missedAt: null,
  },
  StoredEntry: {
    id: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e12',
    time: at(0),
    level: 'info',
    service: 'orders',
    message: 'order placed',
    context: 'PlaceOrder',
    traceId,
    data: { orderId },
  },
};

const users = {
  User: { id: '1', name: 'Paul Jhon', email: 'paul.jhon@example.com', status: 'active' },
  'users.create': {
    id: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e13',
    name: 'Ada Example',
    email: 'ada@example.com',
    status: 'active',
  },
};

export const shopSamples = { ...orders, ...webhooks, ...payments, ...ledger, ...logs, ...users };
