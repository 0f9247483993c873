import { bulkPageMax, decodeCursor, type Page, pageQuery, toPage } from '@tradepost/service';
import type { ChargesStore } from './charges.store';
import type { ChargeRecord } from './charge';

export class ChargesQuery extends pageQuery(bulkPageMax) {}

/** A page of charges, in the order of their payment ids. @throws Problem 400 for a bad cursor */
export async function listCharges(
  charges: ChargesStore,
  { cursor, limit }: ChargesQuery,
): Promise<Page<ChargeRecord>> {
  const [after] = cursor === undefined ? [] : decodeCursor(cursor, 'uuid');
  const rows = await charges.list(after, limit + 1);
  return toPage(rows, limit, ({ paymentId }) => [paymentId]);
}
