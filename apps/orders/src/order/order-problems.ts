import { notFound, Problem } from '@tradepost/service';
import type { OrderStatus } from './order';

/** A text that is no id is the id of no order. */
export function orderNotFound(): Problem {
  return notFound('order', 'no order has this id');
}

/** A customer's token, and an order for somebody else. */
export function anotherCustomer(): Problem {
  return new Problem({
    status: 403,
    type: 'another-customer',
    title: 'The order is for another customer',
    detail: "a customer's token places orders of that customer alone",
  });
}

/** The order ended without a sale: there is nothing to cancel. */
export function notCancellable(status: OrderStatus): Problem {
  return new Problem({
    status: 409,
    type: 'order-not-cancellable',
    title: 'The order cannot be cancelled',
    detail: `the order is ${status}`,
  });
}
