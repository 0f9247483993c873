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

-- The tables are named with their schema, so that a temporary table of the same name hides none.
CREATE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM public.ledger_entries e JOIN public.ledger_postings p USING (transaction_id)
    WHERE e.transaction_id = NEW.transaction_id
    GROUP BY e.transaction_id
    HAVING count(*) = e.posting_count AND bool_and(p.booked_at = e.booked_at)
  ) THEN
    RAISE EXCEPTION 'ledger entry % has not the postings it was booked with', NEW.transaction_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_entry_complete';
  END IF;
  IF EXISTS (
    SELECT FROM public.ledger_postings
    WHERE transaction_id = NEW.transaction_id
    GROUP BY currency
    HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0
  ) THEN
    RAISE EXCEPTION 'ledger entry % does not balance', NEW.transaction_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_entry_balanced';
  END IF;
  RETURN NULL;
END
$$;

-- Deferred: an entry is judged when its transaction commits, with all its postings there.
CREATE CONSTRAINT TRIGGER ledger_entries_balanced AFTER INSERT ON ledger_entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry();
CREATE CONSTRAINT TRIGGER ledger_postings_balanced AFTER INSERT ON ledger_postings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_entry();

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
