import type { OrderDetails } from '../src/order/order-details';
import { reasonOf, webhookIdOf } from '@tradepost/service';
import { webhookEventsOf } from '../src/webhooks/webhook';

const at = (minute: number) => `2026-11-24T10:0${minute}:00.000Z`;

const order: OrderDetails = {
  id: '019a0000-0000-7000-8000-000000000001',
  status: 'completed',
  customerId: '1',
  customerName: 'Paul Jhon',
  currency: 'USD',
  total: 2_500,
  items: [{ sku: 'MUG-BLUE', name: 'Stoneware mug, blue', quantity: 2, unitPrice: 1_250 }],
  createdAt: at(0),
  timeline: [
    { state: 'pending', at: at(0), cause: 'order-placed' },
    { state: 'awaiting_payment', at: at(1), cause: 'customer-known' },
    { state: 'paid', at: at(2), cause: 'payment-captured' },
    { state: 'completed', at: at(2), cause: 'payment-captured' },
  ],
};

describe('the webhook events of an order', () => {
  it('are one for each state that it goes through at once, as it was then', () => {
    const events = webhookEventsOf(order, ['paid', 'completed'], 4);
    expect(events.map(({ type, body }) => [type, JSON.parse(body)])).toEqual([
      [
        'order.paid',
        {
          type: 'order.paid',
          timestamp: at(2),
          data: { ...order, status: 'paid', timeline: order.timeline.slice(0, 3) },
        },
      ],
      ['order.completed', { type: 'order.completed', timestamp: at(2), data: order }],
    ]);
  });

  it('show a state as it was though others followed in the same transaction', () => {
    const [paid] = webhookEventsOf(order, ['paid'], 3);
    const data = { ...order, status: 'paid', timeline: order.timeline.slice(0, 3) };
    expect(JSON.parse(paid?.body ?? '')).toEqual({ type: 'order.paid', timestamp: at(2), data });
  });

  it('are one for its second cancellation, as it is now', () => {
    const states = ['cancelled', 'cancel_pending', 'cancelled'] as const;
    const timeline = states.map((state, i) => ({ state, at: at(i), cause: 'x' }));
    const [told] = webhookEventsOf({ ...order, status: 'cancelled', timeline }, ['cancelled'], 3);
    expect(JSON.parse(told?.body ?? '')).toMatchObject({ timestamp: at(2), data: { timeline } });
  });

  it.each(['pending', 'awaiting_payment', 'rejected', 'cancel_pending'] as const)(
    'that is %s now is nothing',
    (status) => {
      expect(webhookEventsOf({ ...order, status }, [status], 4)).toEqual([]);
    },
  );

  it('have ids that never change', () => {
    expect(webhookIdOf(order.id)).toBe('msg_019a0000000070008000000000000001');
  });
});

describe('why a webhook was not taken', () => {
  const refused = new Error('connect ECONNREFUSED 127.0.0.1:80');

  it.each([
    ['of one address', refused, refused.message],
    ['of the first of several', new AggregateError([refused, new Error('x')]), refused.message],
    ['that is no error', 'by hand', 'by hand'],
    ['that is long', new Error('x'.repeat(501)), 'x'.repeat(500)],
  ])('is the reason %s', (_, error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
