import { readAll } from '../../../ops/audit/client';
import type { Placed } from './customers';
import type { PlanKind } from './plans';

interface Order {
  id: string;
  status: string;
}

export interface Outcomes {
  /** How many accepted orders ended in each state. */
  byStatus: Record<string, number>;
  /** Orders that are not what their customer can expect, a sentence each. */
  offenders: string[];
}

/** Where a customer's order may end who does not cancel it. A deadline may have ended it, too. */
const ends: Record<PlanKind, string[]> = {
  approve: ['completed', 'payment_failed', 'rejected'],
  'timeout-once': ['completed', 'payment_failed', 'rejected'],
  decline: ['payment_failed', 'rejected'],
  timeout: ['payment_failed', 'rejected'],
  'unknown-user': ['rejected'],
};

/** What became of each order, next to what its customer asked for and was told. */
export async function outcomesOf(placed: Placed[], ordersUrl: string): Promise<Outcomes> {
  const orders = new Map<string, string>();
  for await (const { id, status } of readAll<Order>(`${ordersUrl}/v1/orders?include=timeline`)) {
    orders.set(id, status);
  }
  const byStatus: Record<string, number> = {};
  const offenders = placed.flatMap((one) => {
    const [id] = one.ids;
    if (id === undefined) return [];
    const status = orders.get(id) ?? 'not there';
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    return complaintsOf(one, status).map((complaint) => `order ${id}: ${complaint}`);
  });
  return { byStatus, offenders: [...offenders, ...unasked(placed, orders.size)] };
}

function complaintsOf({ plan, ids, cancelAsked, cancels }: Placed, status: string): string[] {
  const said: string[] = [];
  if (ids.size > 1) said.push(`one key made ${ids.size} orders: ${[...ids].join(', ')}`);
  const isCancelled = cancels.includes(200);
  if (isCancelled && cancels.includes(409)) said.push('cancelled, and not cancellable');
  const unanswered = cancelAsked && cancels.length === 0 ? ['cancelled'] : [];
  const expected = isCancelled ? ['cancelled'] : [...ends[plan.kind], ...unanswered];
  if (!expected.includes(status)) {
    const told = cancels.length > 0 ? `, cancelling answered by ${cancels.join(' and ')}` : '';
    said.push(`${status} instead of ${expected.join(' or ')} (${plan.kind}${told})`);
  }
  return said;
}

/** Each customer has a key, and a key makes one order, answered or not. */
function unasked(placed: Placed[], orders: number): string[] {
  const accepted = placed.filter(({ ids }) => ids.size > 0).length;
  const most = accepted + placed.filter(({ ids, asked }) => asked && ids.size === 0).length;
  return orders > most ? [`there are ${orders} orders, and ${most} were asked for`] : [];
}
