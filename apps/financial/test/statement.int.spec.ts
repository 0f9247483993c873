import { Db } from '@tradepost/database';
import { encodeCursor } from '@tradepost/service';
import { createTestDatabase, testService, type TestService } from '@tradepost/test-kit';
import { randomUUID } from 'node:crypto';
import { BalancesStore } from '../src/ledger/balances.store';
import { DrawStatement, type Statement } from '../src/statement/draw-statement';
import { FinancialModule } from '../src/financial.module';
import { StatementController } from '../src/statement.controller';
import type { StatementQuery } from '../src/statement/statement-request';
import { StatementsStore } from '../src/statement/statements.store';

type Line = Statement['items'][number];

// Entries of cash against receivable at given times: a positive amount comes in, a negative goes.
const book = {
  name: 'test-book-at',
  text: `
    WITH given AS (
      SELECT gen_random_uuid() AS id, * FROM unnest($1::timestamptz[], $2::bigint[]) AS given (at, amount)
    ), entries AS (
      INSERT INTO ledger_entries (transaction_id, order_id, kind, posting_count, booked_at)
      SELECT id, gen_random_uuid(), 'settlement', 2, at FROM given
    )
    INSERT INTO ledger_postings (transaction_id, number, account, side, currency, amount, booked_at)
    SELECT id, number, account, side, $3, abs(amount), at
    FROM given, LATERAL (VALUES
      (1, 'cash', CASE WHEN amount > 0 THEN 'debit' ELSE 'credit' END),
      (2, 'receivable', CASE WHEN amount > 0 THEN 'credit' ELSE 'debit' END)
    ) AS two (number, account, side)`,
};

describe('the statement of an account', () => {
  let service: TestService;

  beforeAll(async () => {
    // Folded when a test says so, and not before.
    const env = { BALANCES_FOLD_EVERY_MS: '3600000' };
    service = await testService(FinancialModule, env);
  });

  afterAll(async () => {
    await service.stop();
  });

  const bookAt = (entries: [string, number][], currency: string) =>
    service.db.query(book, [
      entries.map(([at]) => at),
      entries.map(([, amount]) => amount),
      currency,
    ]);

  const fold = () => service.app.get(BalancesStore).fold(1_000_000);

  function ask(query: Record<string, string>, { path = 'statement', accept = '*/*' } = {}) {
    const search = new URLSearchParams({ account: 'cash', currency: 'USD', ...query });
    return fetch(`${service.url}/v1/ledger/${path}?${search.toString()}`, { headers: { accept } });
  }

  async function statement(query: Record<string, string>): Promise<Statement> {
    const response = await ask(query);
    expect(response.status).toBe(200);
    return (await response.json()) as Statement;
  }

  /** Walks all pages. */
  async function linesOf(query: Record<string, string>): Promise<Line[]> {
    const lines: Line[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await statement(cursor === '' ? query : { ...query, cursor });
      lines.push(...page.items);
      cursor = page.nextCursor;
    }
    return lines;
  }

  const sumOf = (entries: [string, number][]) =>
    entries.reduce((sum, [, amount]) => sum + amount, 0);

  it('begins and ends with the balances of those moments, folded or not', async () => {
    const entries: [string, number][] = [
      ['2026-01-30T12:00:00Z', 100],
      ['2026-01-31T23:59:59.999999Z', 20],
      ['2026-02-01T00:00:00Z', 3],
      ['2026-02-01T00:00:01Z', 3],
      ['2026-02-01T08:00:00.000001Z', -40],
      ['2026-02-01T08:00:00.000002Z', 500],
      // On two days the same: both count.
      ['2026-02-10T12:00:00Z', 7],
      ['2026-02-11T12:00:00Z', 7],
      ['2026-02-28T23:59:59Z', 6_000],
      ['2026-03-01T00:00:00Z', -70_000],
    ];
    // Of another currency, and no matter to this one.
    await bookAt([['2026-02-01T00:00:00Z', 11]], 'EUR');
    await bookAt([['2026-03-02T00:00:00Z', -11]], 'EUR');
    await bookAt(entries.slice(0, 5), 'USD');
    await fold();
    for (const entry of entries.slice(5)) await bookAt([entry], 'USD');
    const ends = [
      '2026-01-01',
      '2026-02-01',
      '2026-02-01T08:00:00.000002Z',
      '2026-03-01',
      '2026-03-01T00:00:01+02:00',
    ];
    for (const folded of [false, true]) {
      if (folded) await fold();
      for (const [i, from] of ends.entries()) {
        for (const to of ends.slice(i + 1).filter((end) => Date.parse(end) > Date.parse(from))) {
          const instant = (end: string) => (end.includes('T') ? end : `${end}T00:00:00Z`);
          const key = (end: string) =>
            end.endsWith('+02:00') ? '2026-02-28T22:00:01Z' : instant(end);
          const before = entries.filter(([at]) => at < key(from));
          const until = entries.filter(([at]) => at < key(to));
          const seen = await statement({ from, to });
          expect(seen).toMatchObject({
            account: 'cash',
            currency: 'USD',
            from: instant(from),
            to: instant(to),
          });
          expect([seen.opening, seen.closing]).toEqual([sumOf(before), sumOf(until)]);
          const amounts = seen.items.map(({ debit, credit }) => debit - credit);
          expect(amounts).toEqual(until.slice(before.length).map(([, amount]) => amount));
        }
      }
    }
  });

  it('is of one moment, whatever is booked while it is read', async () => {
    const period = {
      account: 'cash',
      currency: 'KWD',
      from: '2026-06-01',
      to: '2026-06-02',
    } as const;
    const statements = service.app.get(StatementsStore);
    await statements.inOneView(async (tx) => {
      expect(await statements.ends(tx, period)).toEqual({ opening: 0, closing: 0 });
      await bookAt([['2026-06-01T12:00:00Z', 5]], 'KWD');
      expect(await statements.lines(period, undefined, 10, tx)).toEqual([]);
    });
  });

  it('has pages that lose no line, though many are of the same moment', async () => {
    const at = (i: number) => `2026-05-01T10:00:00.00000${Math.floor(i / 4)}Z`;
    const entries = Array.from({ length: 23 }, (_, i): [string, number] => [at(i), i + 1]);
    await bookAt([['2026-04-01T00:00:00Z', 1_000], ...entries], 'JPY');
    const query = { currency: 'JPY', from: '2026-05-01', to: '2026-05-02' };
    const whole = await statement({ ...query, limit: '100' });
    expect(whole).toMatchObject({ opening: 1_000, closing: 1_276, nextCursor: null });
    expect(whole.items).toHaveLength(23);
    expect(whole.items.at(-1)?.balance).toBe(1_276);
    expect(whole.items[0]).toEqual({
      bookedAt: '2026-05-01T10:00:00.000000Z',
      transactionId: expect.any(String) as string,
      orderId: expect.any(String) as string,
      kind: 'settlement',
      debit: expect.any(Number) as number,
      credit: 0,
      balance: 1_000 + (whole.items[0]?.debit ?? 0),
    });
    // Also where a page ends at the first moment of the period, or in its last millisecond.
    const periods = [{}, { from: '2026-05-01T10:00Z' }, { to: '2026-05-01T10:00:00.000006Z' }];
    for (const other of periods) {
      expect(await linesOf({ ...query, ...other, limit: '3' })).toEqual(whole.items);
    }
    const last = await statement({ ...query, limit: '23' });
    expect(last.nextCursor).toBeNull();
    expect(await statement({ ...query, from: '2027-01-01', to: '2027-01-02' })).toMatchObject({
      opening: 1_276,
      closing: 1_276,
      items: [],
    });
  });

  it('is CSV where Accept asks for it, all of it, ending with the closing balance', async () => {
    const start = Date.parse('2026-07-01T00:00:00Z');
    const entries = Array.from({ length: 2_500 }, (_, i): [string, number] => [
      new Date(start + Math.floor(i / 3) * 1_000).toISOString(),
      i % 5 === 0 ? -7 : 11,
    ]);
    await bookAt([['2026-06-01T00:00:00Z', -250], ...entries], 'EUR');
    const query = { currency: 'EUR', from: '2026-07-01', to: '2026-08-01' };
    const byAddress = await ask(query, { path: 'statement.csv' });
    const byAccept = await ask(query, { accept: 'text/csv' });
    const text = await byAddress.text();
    expect(await byAccept.text()).toBe(text);
    for (const { status, headers } of [byAddress, byAccept]) {
      expect([status, headers.get('content-type')]).toEqual([
        200,
        'text/csv; charset=utf-8; header=present',
      ]);
      expect(headers.get('content-disposition')).toBe(
        'attachment; filename="statement-cash-EUR-2026-07-01-to-2026-08-01.csv"',
      );
    }
    expect(byAccept.headers.get('vary')).toBe('accept');
    const rows = text.split('\r\n').map((line) => line.split(','));
    expect(rows[0]?.join()).toBe(
      'bookedAt,transactionId,orderId,kind,account,currency,debit,credit,balance',
    );
    expect(rows[1]?.join()).toBe('2026-07-01T00:00:00Z,,,opening,cash,EUR,,,-250');
    const closing = -250 + 2_000 * 11 - 500 * 7;
    expect(rows.at(-2)?.join()).toBe(
      `2026-08-01T00:00:00Z,,,closing,cash,EUR,22000,3500,${closing}`,
    );
    expect(rows.at(-1)).toEqual(['']);
    const lines = await linesOf({ ...query, limit: '100' });
    const { bookedAt, transactionId, orderId } = lines[0] ?? {};
    expect(rows[2]?.slice(0, 6)).toEqual([
      bookedAt,
      transactionId,
      orderId,
      'settlement',
      'cash',
      'EUR',
    ]);
    expect(rows.slice(2, -2).map((row) => [row[1], Number(row[8])])).toEqual(
      lines.map(({ transactionId: id, balance }) => [id, balance]),
    );
  });

  it('as CSV is let go when its reader is gone before it begins', async () => {
    const controller = service.app.get(StatementController);
    const query = { account: 'cash', currency: 'USD', from: '2026-01-01', to: '2026-02-01' };
    const file = await controller.csv(query as StatementQuery);
    const stream = file.getStream();
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy(new Error('the reader is gone'));
    await closed;
    expect(controller['open'].size).toBe(0);
  });

  const period = { from: '2026-01-01', to: '2026-02-01' };
  const cursorAt = (time: string, id: string = randomUUID()) => encodeCursor([time, id, 1, 1]);

  it.each([
    [
      { account: 'pocket', currency: 'usd', from: 'yesterday', to: '2026-02-30' },
      ['account', 'currency', 'from', 'to'],
    ],
    [{ from: '2026-02-01', to: '2026-02-01' }, ['to']],
    [{ from: '2026-02-01', to: '2026-01-01T00:00Z' }, ['to']],
    [{ from: '2026-01-01T00:00:00', to: '0000-01-01' }, ['from', 'to']],
    [{ from: '2026-01-01T25:00Z', to: '2026-W10' }, ['from', 'to']],
    [{ ...period, limit: '101', since: 'ever' }, ['limit', 'since']],
    [{ ...period, cursor: 'abc' }, ['cursor']],
    [{ ...period, cursor: cursorAt('2026-01-15T00:00:00Z', 'x') }, ['cursor']],
    [{ ...period, cursor: cursorAt('2025-12-31T23:59:59Z') }, ['cursor']],
    [{ ...period, cursor: cursorAt('2026-02-01T00:00:01Z') }, ['cursor']],
  ])('of %j is refused, naming each fault', async (query: Record<string, string>, faults) => {
    const responses = [await ask(query), await ask(query, { path: 'statement.csv' })];
    const json = responses[0];
    for (const response of responses) {
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
    const { errors } = (await json?.json()) as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer.slice(1)).sort()).toEqual(faults);
  });

  it.each([{ path: 'statement.csv' }, { accept: 'text/csv' }])(
    'as CSV has no pages: %j',
    async (how) => {
      const response = await ask({ ...period, limit: '5', cursor: 'abc' }, how);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        errors: [{ pointer: '/cursor' }, { pointer: '/limit' }],
      });
    },
  );
});

it('a CSV that cannot be read to its end is cut off, without a closing balance', async () => {
  const database = await createTestDatabase('financial');
  const owner = new Db({ url: database.url });
  // One connection: a reader that takes its time must not hold it.
  const db = new Db({ url: database.serviceUrl, poolMax: 1 });
  try {
    const times = Array.from({ length: 1_001 }, () => '2026-09-01T00:00:00Z');
    await db.query(book, [times, times.map(() => 1), 'KWD']);
    const [from, to] = ['2026-09-01T00:00:00Z', '2026-09-02T00:00:00Z'];
    const period = { account: 'cash', currency: 'KWD', from, to } as const;
    const pieces = await new DrawStatement(new StatementsStore(db)).csv(period);
    const first = [await pieces.next(), await pieces.next()]
      .map(({ value }) => String(value))
      .join('');
    expect(first.split('\r\n')).toHaveLength(1_003);
    await db.ping();
    const role = new URL(database.serviceUrl).username;
    await owner.query({ name: '', text: `REVOKE SELECT ON ledger_postings FROM ${role}` });
    await expect(pieces.next()).rejects.toThrow('permission denied');
    expect((await pieces.next()).done).toBe(true);
    expect(first).not.toContain('closing');
  } finally {
    await Promise.all([db.close(), owner.close()]);
    await database.drop();
  }
});
