import type { ShopSystem } from '../sale/shop-system';

const selectCompleted = {
  name: 'scale-completed',
  text: `SELECT count(*) AS orders FROM orders WHERE id = ANY($1) AND status = 'completed'`,
};

const selectDoubled = {
  payments: {
    name: 'scale-charged-twice',
    text: `SELECT count(*) AS orders FROM (
      SELECT order_id FROM payments p JOIN sandbox_movements ON payment_id = p.id
      WHERE kind = 'capture' GROUP BY 1 HAVING count(*) > 1
    ) AS twice`,
  },
  financial: {
    name: 'scale-booked-twice',
    text: `SELECT count(*) AS orders FROM (
      SELECT order_id FROM ledger_entries GROUP BY order_id, kind HAVING count(*) > 1
    ) AS twice`,
  },
};

/** What became of the orders that were accepted. */
export async function accountsOf(system: ShopSystem, accepted: string[]) {
  // It waits for what is still on its way.
  const problem = await audited(system, accepted);
  const [row] = await system.dbOf('orders').query<{ orders: number }>(selectCompleted, [accepted]);
  const doubled = await Promise.all(
    (['payments', 'financial'] as const).map(async (service) => {
      const query = selectDoubled[service];
      const [found] = await system.dbOf(service).query<{ orders: number }>(query);
      return found?.orders ?? 0;
    }),
  );
  return {
    accepted: accepted.length,
    lost: accepted.length - (row?.orders ?? 0),
    doubled: doubled.reduce((sum, one) => sum + one, 0),
    problem,
  };
}

/** @returns what is wrong, by each sale's effects and by the rules of `npm run audit` */
async function audited(system: ShopSystem, accepted: string[]): Promise<string | undefined> {
  try {
    await system.assertRight(accepted);
    await system.assertAudited();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
