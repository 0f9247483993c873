import type { Placed } from './customers';
import { each } from './each';
import type { PlanKind } from './plans';
import { get } from './shop-client';

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

const readsAtOnce = 16;

const expected: Record<PlanKind, string[]> = {
  approve: ['completed'],
  'timeout-once': ['completed'],
  decline: ['payment_failed'],
  timeout: ['payment_failed', 'cancelled'],
  'unknown-user': ['rejected'],
};

/** What became of each accepted order, next to what its customer asked for and was told. */
export async function outcomesOf(accepted: Placed[], ordersUrl: string): Promise<Outcomes> {
  const byStatus: Record<string, number> = {};
  const judged = await each(accepted, readsAtOnce, async (placed) => {
    const [id] = placed.ids;
    const { status } = await get<Order>(`${ordersUrl}/v1/orders/${id}`);
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    return complaintsOf(placed, status).map((complaint) => `order ${id}: ${complaint}`);
  });
  return { byStatus, offenders: judged.flat() };
}

function complaintsOf(placed: Placed, status: string): string[] {
  const { plan, ids, cancels } = placed;
  const said: string[] = [];
  if (ids.size > 1) said.push(`one key made ${ids.size} orders: ${[...ids].join(', ')}`);
  const cancelled = cancels.includes(200);
  if (cancelled && cancels.includes(409)) said.push('cancelled, and not cancellable');
  const unknown = placed.cancelAsked && cancels.length === 0;
  const ends = cancelled
    ? ['cancelled']
    : [...expected[plan.kind], ...(unknown ? ['cancelled'] : [])];
  if (!ends.includes(status)) {
    const told = cancels.length > 0 ? `, cancelling answered by ${cancels.join(' and ')}` : '';
    said.push(`${status} instead of ${ends.join(' or ')} (${plan.kind}${told})`);
  }
  return said;
}
