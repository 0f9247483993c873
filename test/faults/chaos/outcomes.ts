import { readAll } from '../../../ops/audit/client';
import type { PlacedPurchase } from './customers';
import type { PurchaseKind } from './purchases';

/** Where an order may end that is not cancelled. A deadline may have ended it, too. */
const ends: Record<PurchaseKind, string[]> = {
  approve: ['completed', 'payment_failed', 'rejected'],
  'timeout-once': ['completed', 'payment_failed', 'rejected'],
  decline: ['payment_failed', 'rejected'],
  timeout: ['payment_failed', 'rejected'],
  'unknown-user': ['rejected'],
};

/** What became of each order, compared with what its customer asked for and was answered. */
export async function outcomesOf(placed: PlacedPurchase[], ordersUrl: string) {
  const orders = new Map<string, string>();
  const url = `${ordersUrl}/v1/orders?include=timeline`;
  for await (const { id, status } of readAll<{ id: string; status: string }>(url)) {
    orders.set(id, status);
  }
  const byStatus: Record<string, number> = {};
  const violations = placed.flatMap((one) => {
    const [id] = one.ids;
    if (id === undefined) return [];
    const status = orders.get(id) ?? 'not there';
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    return violationsOf(one, status).map((violation) => `order ${id}: ${violation}`);
  });
  return { byStatus, violations: [...violations, ...notAskedFor(placed, orders.size)] };
}

function violationsOf(placed: PlacedPurchase, status: string): string[] {
  const { purchase, ids, cancelAsked, cancels } = placed;
  const found: string[] = [];
  if (ids.size > 1) found.push(`one key made ${ids.size} orders: ${[...ids].join(', ')}`);
  const isCancelled = cancels.includes(200);
  if (isCancelled && cancels.includes(409)) found.push('cancelled, and not cancellable');
  const unanswered = cancelAsked && cancels.length === 0 ? ['cancelled'] : [];
  const expected = isCancelled ? ['cancelled'] : [...ends[purchase.kind], ...unanswered];
  if (!expected.includes(status)) {
    const answers = cancels.length > 0 ? `, cancelling answered by ${cancels.join(' and ')}` : '';
    found.push(`${status} instead of ${expected.join(' or ')} (${purchase.kind}${answers})`);
  }
  return found;
}

/** Each customer has a key, and a key makes one order, answered or not. */
function notAskedFor(placed: PlacedPurchase[], orders: number): string[] {
  const most = placed.filter(({ asked }) => asked).length;
  return orders > most ? [`there are ${orders} orders, and ${most} were asked for`] : [];
}
