import { buildInstance } from '@tradepost/messaging';
import { plainToInstance } from 'class-transformer';
import { CancelRequest, OrderRequest } from '../src/order/order-request';

const items = [{ sku: 'MUG-BLUE', quantity: 2 }];
const order = { customerId: '1', currency: 'USD', items, paymentToken: 'tok_approve' };

it.each<[string, new () => object, object]>([
  ['an order', OrderRequest, order],
  ['an order of any price', OrderRequest, { ...order, expectedTotal: null }],
  ['a cancellation', CancelRequest, { reason: 'changed my mind' }],
])('%s is validated in the short way', (_what, type, body) => {
  expect(buildInstance(type, body, 'refused')).toStrictEqual(plainToInstance(type, body));
});

it('an order with too many items, or with a field too many, is left to class-validator', () => {
  const [item] = items;
  const bodies = [
    { ...order, items: Array(101).fill(item) },
    { ...order, price: 1 },
    { ...order, items: [{ ...item, price: 1 }] },
  ];
  for (const body of bodies) expect(buildInstance(OrderRequest, body, 'refused')).toBeUndefined();
});
