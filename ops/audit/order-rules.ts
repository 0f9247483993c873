import { isEnd, nextStates, type Facts, type Order } from './facts';
import { ordersThat, rule, type AuditOptions, type Rule, type Subjects } from './rule';

const everyOrder = ordersThat();

const accepted: Subjects<string> = {
  of: (_, options) => options.accepted,
  as: (id) => ({ subject: id, orderId: id }),
};

/** Of an order that is not at an end: since when it is on its way to one. */
function onItsWaySince({ timeline, createdAt }: Order): number {
  const end = timeline.findLastIndex(({ state }) => isEnd(state));
  return timeline[end + 1]?.at ?? createdAt;
}

/** It may take its time: it is counted, and no violation. */
export function isInFlight(order: Order, { readAt }: Facts, options: AuditOptions): boolean {
  if (isEnd(order.status) || options.settled) return false;
  return readAt - onItsWaySince(order) <= options.orderDeadlineMs;
}

const path = ({ timeline }: Order) => timeline.map(({ state }) => state).join(' → ') || 'nothing';

const steps = ({ timeline }: Order) =>
  timeline.slice(1).map(({ state }, i) => ({ from: timeline[i]?.state ?? '', to: state }));

const locked: readonly string[] = ['paid', 'completed'];

const skipsTheLock = ({ from, to }: { from: string; to: string }) =>
  to === 'cancelled' && locked.includes(from);

export const orderRules: Rule[] = [
  rule(
    'accepted-order-exists',
    accepted,
    (id, { orders }) => !orders.has(id) && 'its 201 was seen, and orders does not have it',
  ),
  rule('order-listed-once', everyOrder, ({ seen }) => seen !== 1 && `it is listed ${seen} times`),
  rule('status-matches-timeline', everyOrder, (order) => {
    if (!(order.status in nextStates)) return `${order.status} is no state of an order`;
    const last = order.timeline.at(-1)?.state;
    return last !== order.status && `it is ${order.status}, and its timeline says ${path(order)}`;
  }),
  rule('transitions-allowed', everyOrder, (order) => {
    const first = order.timeline[0]?.state;
    const wrong = steps(order).find(
      (step) => !skipsTheLock(step) && !nextStates[step.from]?.includes(step.to),
    );
    return (first !== 'pending' || wrong) && `no order goes ${path(order)}`;
  }),
  rule(
    'cancelled-through-cancel-pending',
    everyOrder,
    (order) =>
      steps(order).some(skipsTheLock) &&
      `what was paid goes through cancel_pending; this one went ${path(order)}`,
  ),
  rule('order-ends-in-time', everyOrder, (order, facts, options) => {
    if (isEnd(order.status) || isInFlight(order, facts, options)) return undefined;
    const seconds = Math.round((facts.readAt - onItsWaySince(order)) / 1_000);
    return `it is ${order.status}, on its way for ${seconds} s`;
  }),
];
