-- Balances are derived from postings and kept beside them, so that reading them takes as long after
-- a million entries as after ten. Each booking notes what it adds, in its own transaction; notes are
-- folded into the balances from time to time. A balance is what was folded and what was not, read by
-- one statement: exact at any moment, during bookings and folds.

-- Every role of this database reads them, which is the service's alone. Only the functions below
-- write them, with the rights of their owner.
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
  autovacuum_vacuum_insert_scale_factor = 0,
  -- Cut down to nothing when it happens to be empty, it would be planned as a table without pages.
  vacuum_truncate = false
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

-- Folds the oldest notes, `notes_max` at most, and returns how many; none while another fold runs.
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
  -- Not TRUNCATE: a read that began before would find nothing.
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
