import { Db } from '@tradepost/database';

const countRows = {
  name: 'lab-count-rows',
  text: `SELECT (SELECT count(*) FROM outbox) AS outbox, (SELECT count(*) FROM orders) AS orders,
           (SELECT count(*) FROM shipments) AS shipments,
           (SELECT count(DISTINCT number) FROM shipments) AS "ordersShipped"`,
};

export interface Counts {
  outbox: number;
  orders: number;
  shipments: number;
  ordersShipped: number;
}

export async function countsIn(db: Db): Promise<Counts> {
  const [counts] = await db.query<Counts>(countRows);
  if (counts === undefined) throw new Error('counting gave nothing');
  return counts;
}
