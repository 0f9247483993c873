import { currencies, type Currency } from '@tradepost/contracts';
import { decodeCursor, type Fault, invalidRequest, PageQuery } from '@tradepost/service';
import { IsIn, IsISO8601, Matches } from 'class-validator';
import { type Account, accounts } from '../ledger/entries';
import type { Period, StatementPosition } from './statements.store';

const time = String.raw`([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)`;
const instant = new RegExp(String.raw`^[12]\d{3}-\d\d-\d\d(T${time})?$`);
const instantMessage = {
  message: '$property must be a day (2026-11-01, UTC) or a time with its zone (2026-11-01T09:30Z)',
};

/** The query of `GET /v1/ledger/statement`: from `from` on, up to `to` and without it. */
export class StatementQuery extends PageQuery {
  static readonly sample: StatementQuery = {
    account: 'cash',
    currency: 'USD',
    from: '2026-01-01',
    to: '2026-02-01T00:00Z',
    limit: 20,
  };

  @IsIn(accounts)
  account!: Account;

  @IsIn(currencies)
  currency!: Currency;

  @IsISO8601({ strict: true }, instantMessage)
  @Matches(instant, instantMessage)
  from!: string;

  @IsISO8601({ strict: true }, instantMessage)
  @Matches(instant, instantMessage)
  to!: string;
}

/** @throws Problem 400 for a period that ends before it has begun */
export function periodOf({ account, currency, from, to }: StatementQuery): Period {
  const period = { account, currency, from: instantOf(from), to: instantOf(to) };
  if (Date.parse(period.from) < Date.parse(period.to)) return period;
  throw invalidRequest([{ pointer: '/to', detail: 'must be later than from' }]);
}

/** Where the page begins. @throws Problem 400 for a cursor that is not one of this period's */
export function positionOf(
  { cursor }: StatementQuery,
  period: Period,
): StatementPosition | undefined {
  if (cursor === undefined) return undefined;
  const key = decodeCursor(cursor, 'time', 'uuid', 'integer', 'integer');
  const [bookedAt, transactionId, number, balance] = key;
  const at = Date.parse(bookedAt);
  if (at < Date.parse(period.from) || at > Date.parse(period.to)) {
    throw invalidRequest([{ pointer: '/cursor', detail: 'must be the nextCursor of a page' }]);
  }
  return { bookedAt, transactionId, number, balance };
}

/** @throws Problem 400 for what only a page has: the CSV is the whole period */
export function refusePaging(given: Record<'cursor' | 'limit', unknown>): void {
  const faults: Fault[] = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => ({
      pointer: `/${name}`,
      detail: 'is for JSON alone: the CSV is the whole period',
    }));
  if (faults.length > 0) throw invalidRequest(faults);
}

// PostgreSQL would take a day for midnight wherever its session is.
function instantOf(text: string): string {
  return text.includes('T') ? text : `${text}T00:00:00Z`;
}
