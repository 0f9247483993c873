import { bulkPageMax, decodeCursor, type Page, pageQuery, toPage } from '@tradepost/service';
import type { SandboxBooks } from './books.store';
import type { ChargeRecord } from './charge';

/** Whoever asks wants all of the books. */
export class ChargesQuery extends pageQuery(bulkPageMax) {}

/** A page of the books, in the order of the payment ids. @throws Problem 400 for a bad cursor */
export async function listCharges(
  books: SandboxBooks,
  { cursor, limit }: ChargesQuery,
): Promise<Page<ChargeRecord>> {
  const [after] = cursor === undefined ? [] : decodeCursor(cursor, 'uuid');
  const rows = await books.list(after, limit + 1);
  return toPage(rows, limit, ({ paymentId }) => [paymentId]);
}
