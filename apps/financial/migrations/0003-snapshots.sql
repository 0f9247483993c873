-- Balances are derived from postings and kept beside them, so that reading them takes as long after
-- a million entries as after ten. Whoever books notes what it adds, in its own transaction; notes
-- are folded into the balances from time to time. A balance is what was folded and what was not,
-- read by one statement: exact at any moment, whoever books or folds meanwhile.

-- A posting has its entry's time, so that an account can be read in the order of time.
ALTER TABLE ledger_postings ADD COLUMN booked_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE ledger_postings DISABLE TRIGGER ledger_postings_append_only;
UPDATE ledger_postings p SET booked_at = e.booked_at
  FROM ledger_entries e WHERE e.transaction_id = p.transaction_id;
ALTER TABLE ledger_postings ENABLE TRIGGER ledger_postings_append_only;

DROP INDEX ledger_postings_by_account;
CREATE INDEX ledger_postings_by_account
  ON ledger_postings (account, currency, booked_at, transaction_id, number)
  INCLUDE (side, amount);

-- As in 0001, and a posting with another time than its entry's is refused.
CREATE OR REPLACE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- Everybody who may enter this database, and that is the service alone, reads them. Only the
-- functions below write them, with the rights of their owner.
CREATE SCHEMA snapshots;
GRANT USAGE ON SCHEMA snapshots TO PUBLIC;

CREATE TABLE snapshots.balances (
  account  text NOT NULL,
  currency text NOT NULL,
  debit    bigint NOT NULL,
  credit   bigint NOT NULL,
  PRIMARY KEY (account, currency)
) WITH (fillfactor = 50);

-- What each day (UTC) has added: an opening balance adds up days, not postings.
CREATE TABLE snapshots.days (
  account  text NOT NULL,
  currency text NOT NULL,
  day      date NOT NULL,
  debit    bigint NOT NULL,
  credit   bigint NOT NULL,
  PRIMARY KEY (account, currency, day)
) WITH (fillfactor = 50);

CREATE TABLE snapshots.unfolded (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account  text NOT NULL,
  currency text NOT NULL,
  day      date NOT NULL,
  debit    bigint NOT NULL,
  credit   bigint NOT NULL
) WITH (
  -- Rows live for seconds: without this their remains would pile up between vacuums.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_insert_scale_factor = 0
);

GRANT SELECT ON snapshots.balances, snapshots.days, snapshots.unfolded TO PUBLIC;

CREATE FUNCTION snapshots.note_postings() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO snapshots.unfolded (account, currency, day, debit, credit)
  SELECT account, currency, (booked_at AT TIME ZONE 'UTC')::date,
    coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0),
    coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0)
  FROM booked
  GROUP BY 1, 2, 3;
  RETURN NULL;
END
$$;

CREATE TRIGGER ledger_postings_noted AFTER INSERT ON ledger_postings
  REFERENCING NEW TABLE AS booked
  FOR EACH STATEMENT EXECUTE FUNCTION snapshots.note_postings();

-- Folds the oldest notes, so many at most, and says how many; none while another one is at it.
CREATE FUNCTION snapshots.fold(notes_max integer) RETURNS bigint LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  folded bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7317, 1) THEN
    RETURN 0;
  END IF;
  WITH notes AS (
    DELETE FROM snapshots.unfolded
    WHERE id IN (SELECT id FROM snapshots.unfolded ORDER BY id LIMIT notes_max)
    RETURNING account, currency, day, debit, credit
  ), into_days AS (
    INSERT INTO snapshots.days AS kept (account, currency, day, debit, credit)
    SELECT account, currency, day, sum(debit), sum(credit) FROM notes GROUP BY 1, 2, 3
    ON CONFLICT (account, currency, day) DO UPDATE
      SET debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit
  ), into_balances AS (
    INSERT INTO snapshots.balances AS kept (account, currency, debit, credit)
    SELECT account, currency, sum(debit), sum(credit) FROM notes GROUP BY 1, 2
    ON CONFLICT (account, currency) DO UPDATE
      SET debit = kept.debit + excluded.debit, credit = kept.credit + excluded.credit
  )
  SELECT count(*) INTO folded FROM notes;
  RETURN folded;
END
$$;

-- Derives all of it from the postings again. Booking waits for it.
CREATE FUNCTION snapshots.rebuild() RETURNS void LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  LOCK TABLE public.ledger_postings IN SHARE ROW EXCLUSIVE MODE;
  PERFORM pg_advisory_xact_lock(7317, 1);
  -- Not TRUNCATE: to whoever has begun to read before, that would show nothing.
  DELETE FROM snapshots.unfolded;
  DELETE FROM snapshots.balances;
  DELETE FROM snapshots.days;
  INSERT INTO snapshots.days (account, currency, day, debit, credit)
  SELECT account, currency, (booked_at AT TIME ZONE 'UTC')::date,
    coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0),
    coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0)
  FROM public.ledger_postings
  GROUP BY 1, 2, 3;
  INSERT INTO snapshots.balances (account, currency, debit, credit)
  SELECT account, currency, sum(debit), sum(credit) FROM snapshots.days GROUP BY 1, 2;
END
$$;

REVOKE EXECUTE ON FUNCTION snapshots.rebuild() FROM PUBLIC;

SELECT snapshots.rebuild();
