import type { Db } from '@tradepost/database';
import type { Service } from '../../apps/services';

/**
 * What so many completed sales leave behind, as if they had been sold at 300 a second until now.
 * Triggers are off meanwhile, which would judge each row: what they would have noted is derived at
 * the end. Ids are of each database's own.
 */
const sales = `SELECT n, now() - at AS at, uuidv7(-at) AS id, uuidv7(-at) AS other
  FROM generate_series(1, $1::integer) AS n,
    LATERAL (SELECT (($1 - n) / 300.0) * interval '1 second' AS at) AS ago`;

const loads: Partial<Record<Service, readonly string[]>> = {
  orders: [
    `INSERT INTO orders
      (id, customer_id, customer_name, currency, total, items, status, booked, steps, created_at,
        checked_at)
    SELECT id, (1 + n % 12)::text, 'Customer', 'USD', 1250,
      '[{"sku": "MUG-BLUE", "name": "Mug", "quantity": 1, "unitPrice": 1250}]'::jsonb,
      'completed', true, 4, at, at
    FROM (${sales}) AS sales`,
    `INSERT INTO order_timeline (order_id, step, state, at, cause)
    SELECT id, step, state, created_at + step * interval '50 milliseconds', 'history'
    FROM orders, unnest(ARRAY['pending', 'awaiting_payment', 'paid', 'completed'])
      WITH ORDINALITY AS states (state, step)
    WHERE $1 > 0`,
  ],
  payments: [
    `INSERT INTO payments (id, order_id, currency, amount, status, attempts, created_at, updated_at)
    SELECT id, other, 'USD', 1250, 'captured', 1, at, at FROM (${sales}) AS sales`,
    `INSERT INTO payment_attempts (payment_id, number, operation, outcome, worker, at)
    SELECT id, 1, 'charge', 'approved', 'history', created_at FROM payments WHERE $1 > 0`,
    `INSERT INTO sandbox_charges (payment_id, currency, amount, outcome, calls, created_at)
    SELECT id, 'USD', 1250, 'approved', 1, created_at FROM payments WHERE $1 > 0`,
    `INSERT INTO sandbox_movements (payment_id, kind, currency, amount, moved_at)
    SELECT id, 'capture', 'USD', 1250, created_at FROM payments WHERE $1 > 0`,
  ],
  financial: [
    `INSERT INTO ledger_entries (transaction_id, order_id, kind, posting_count, booked_at)
    SELECT CASE kind WHEN 'sale' THEN id ELSE other END, id, kind, 2, at
    FROM (${sales}) AS sales, unnest(ARRAY['sale', 'settlement']) AS kind`,
    `INSERT INTO ledger_postings
      (transaction_id, number, account, side, currency, amount, booked_at)
    SELECT transaction_id, number, account, side, 'USD', 1250, booked_at
    FROM ledger_entries JOIN (VALUES
      ('sale', 1, 'receivable', 'debit'), ('sale', 2, 'revenue', 'credit'),
      ('settlement', 1, 'cash', 'debit'), ('settlement', 2, 'receivable', 'credit')
    ) AS lines (kind, number, account, side) USING (kind)
    WHERE $1 > 0`,
    `INSERT INTO inbox (queue, message_id, received_at)
    SELECT 'financial.sale-finalized', id::text, at FROM (${sales}) AS sales`,
  ],
};

/** Fills the databases of a shop that does not run yet. */
export async function loadSales(db: (service: Service) => Db, count: number): Promise<void> {
  for (const [service, statements] of Object.entries(loads)) {
    const target = db(service as Service);
    await target.transaction(async (tx) => {
      await tx.query({ name: '', text: 'SET LOCAL session_replication_role = replica' });
      for (const text of statements) await tx.query({ name: '', text }, [count]);
    });
    // As autovacuum leaves tables that grew so.
    await target.query({ name: '', text: 'VACUUM ANALYZE' });
  }
  await db('financial').query({ name: '', text: 'SELECT snapshots.rebuild()' });
}
