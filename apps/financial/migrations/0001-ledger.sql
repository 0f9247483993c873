-- The ledger: an entry is one business fact of one order, and has two postings or more.
-- What is written stays written, and every entry balances: the database enforces both.

CREATE TABLE ledger_entries (
  transaction_id uuid PRIMARY KEY,
  order_id       uuid NOT NULL,
  kind           text NOT NULL CHECK (
    kind IN ('sale', 'settlement', 'reversal', 'reinstatement', 'refund')
  ),
  -- Written with the entry, so that no posting can be added to it later.
  posting_count  smallint NOT NULL CHECK (posting_count >= 2),
  booked_at      timestamptz NOT NULL DEFAULT now(),
  -- Each effect once, however often its message comes.
  UNIQUE (order_id, kind)
);

CREATE TABLE ledger_postings (
  transaction_id uuid NOT NULL REFERENCES ledger_entries,
  number         smallint NOT NULL CHECK (number >= 1),
  account        text NOT NULL CHECK (
    account IN ('receivable', 'revenue', 'refunds', 'cash')
  ),
  side           text NOT NULL CHECK (side IN ('debit', 'credit')),
  currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- Minor units of the currency.
  amount         bigint NOT NULL CHECK (amount >= 0),
  -- Its entry's time, so that an account can be read in the order of time.
  booked_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (transaction_id, number)
);

CREATE INDEX ledger_postings_by_account
  ON ledger_postings (account, currency, booked_at, transaction_id, number)
  INCLUDE (side, amount);

-- Orders that were cancelled: a sale that comes after its cancellation is booked and reversed.
CREATE TABLE cancelled_orders (
  order_id     uuid PRIMARY KEY,
  reason       text NOT NULL,
  cancelled_at timestamptz NOT NULL DEFAULT now()
);

-- An entry and its postings are written by one statement, and judged at its end, all at once: by row
-- the same costs ten times as much. Each function looks up the partner of each row by its primary
-- key, one LIMIT 1 a row: a join that is planned while the tables are small reads them whole for long.
-- The tables are named with their schema, so that a temporary table of the same name hides none.
CREATE FUNCTION refuse_incomplete_entry(entry uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger entry % has not the postings it was booked with', entry
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_entry_complete';
END
$$;

CREATE FUNCTION refuse_entries_without_postings() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
BEGIN
  PERFORM public.refuse_incomplete_entry(w.transaction_id) FROM written w
  WHERE (
    SELECT true FROM public.ledger_postings p
    WHERE p.transaction_id = w.transaction_id AND p.number = 1 LIMIT 1
  ) IS NULL;
  RETURN NULL;
END
$$;

-- As many as the entry says and numbered from 1: no later statement can add to them, because its
-- numbers are taken.
CREATE FUNCTION refuse_unbalanced_postings() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
DECLARE
  unbalanced uuid;
BEGIN
  PERFORM public.refuse_incomplete_entry(transaction_id)
  FROM (
    SELECT transaction_id, count(*) AS postings, max(number) AS last,
      min(booked_at) AS first_at, max(booked_at) AS last_at
    FROM written GROUP BY transaction_id
  ) AS w
    LEFT JOIN LATERAL (
      SELECT posting_count, booked_at FROM public.ledger_entries
      WHERE transaction_id = w.transaction_id LIMIT 1
    ) AS e ON true
  WHERE ((postings, last) = (posting_count, posting_count)
    AND (first_at, last_at) = (e.booked_at, e.booked_at)) IS NOT TRUE;

  SELECT transaction_id INTO unbalanced FROM written
  GROUP BY transaction_id, currency
  HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger entry % does not balance', unbalanced
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_entry_balanced';
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER ledger_entries_complete AFTER INSERT ON ledger_entries
  REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_entries_without_postings();
CREATE TRIGGER ledger_postings_balanced AFTER INSERT ON ledger_postings
  REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_postings();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: book a reversal instead', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END
$$;

CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
