import { decodeCursor, type Page, PageQuery, toPage } from '@tradepost/service';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import type { SandboxBooks } from './books.store';
import type { ChargeRecord } from './charge';

/** Larger pages than other lists have: whoever asks wants all of the books. */
export class ChargesQuery extends PageQuery {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000)
  override limit = 100;
}

/** A page of the books, in the order of the payment ids. @throws Problem 400 for a bad cursor */
export async function listCharges(
  books: SandboxBooks,
  { cursor, limit }: ChargesQuery,
): Promise<Page<ChargeRecord>> {
  const [after] = cursor === undefined ? [] : decodeCursor(cursor, 'uuid');
  const rows = await books.list(after as string | undefined, limit + 1);
  return toPage(rows, limit, ({ paymentId }) => [paymentId]);
}
