import { notFound, Problem } from '@tradepost/service';
import type { OrderStatus } from './order';

/** A text that is no id is the id of no order. */
export function orderNotFound(): Problem {
  return notFound('order', 'no order has this id');
}

/** The order has come to an end without a sale: there is nothing to cancel. */
export function notCancellable(status: OrderStatus): Problem {
  return new Problem({
    status: 409,
    type: 'order-not-cancellable',
    title: 'The order cannot be cancelled',
    detail: `the order is ${status}`,
  });
}

/** A text that is no id is the id of no endpoint. */
export function webhookNotFound(): Problem {
  return notFound('webhook', 'no webhook has this id');
}

/** Whoever is refused here may be taken by another replica, or here a little later. */
export function tooManyStreams(): Problem {
  return new Problem({
    status: 503,
    type: 'too-many-streams',
    title: 'There are too many open streams here',
    detail: 'ask again later, or without streaming',
    headers: { 'retry-after': '5' },
  });
}
