-- Tables that forget a day at once instead of a row at a time: partitioned by RANGE over one
-- column, a partition for each day (UTC) and a default one. The column is a date, a timestamptz, or
-- a UUIDv7 (uuid, or text with COLLATE "C"), whose order is the order of time: so a key carries its
-- day itself, and every copy of a row meets the first one. Whatever has no partition, a key that is
-- no UUIDv7 or one of a clock that is wrong by days, is in the default partition.
CREATE SCHEMA partitions;
GRANT USAGE ON SCHEMA partitions TO PUBLIC;

CREATE FUNCTION partitions.start_of(day date, key regtype) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN key IN ('date'::regtype, 'timestamptz'::regtype) THEN to_char(day, 'YYYY-MM-DD "00:00+00"')
    ELSE regexp_replace(lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0'),
      '^(.{8})(.{4})$', '\1-\2-0000-0000-000000000000')
  END
$$;

-- Of yesterday, today and so many days ahead, those that are missing. What the default partition
-- holds of such a day moves. Only who writes there waits, and no longer than the lock_timeout:
-- what was not made is made by a later call. Any process may call it at any time.
CREATE FUNCTION partitions.make(parent regclass, days_ahead integer) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
  family record;
  day date;
  part text;
  lower text;
  upper text;
BEGIN
  SELECT nspname, relname, attname AS key, atttypid::regtype AS type, partdefid::regclass AS rest
  INTO STRICT family
  FROM pg_partitioned_table
    JOIN pg_class c ON c.oid = partrelid
    JOIN pg_namespace n ON n.oid = relnamespace
    JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
  WHERE partrelid = parent AND partdefid <> 0;
  IF NOT pg_try_advisory_xact_lock(hashtextextended('partitions ' || parent, 0)) THEN
    RETURN;
  END IF;
  FOR n IN -1 .. days_ahead LOOP
    day := (now() AT TIME ZONE 'UTC')::date + n;
    part := format('%I.%I', family.nspname, family.relname || to_char(day, '_YYYYMMDD'));
    CONTINUE WHEN to_regclass(part) IS NOT NULL;
    lower := partitions.start_of(day, family.type);
    upper := partitions.start_of(day + 1, family.type);
    BEGIN
      EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING IDENTITY)', part, parent);
      EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', family.rest);
      EXECUTE format('WITH moved AS (DELETE FROM %1$s
        WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *) INSERT INTO %5$s SELECT * FROM moved',
        family.rest, family.key, lower, upper, part);
      EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        parent, part, lower, upper);
    EXCEPTION WHEN lock_not_available THEN
      NULL;
    END;
  END LOOP;
END
$$;

-- The oldest partition whose day is over for `days_kept` days. Rows of it whose `late_by` is younger
-- than that move to the default partition. False: there is none, or its lock was not to be had in
-- time, and a later call drops it.
CREATE FUNCTION partitions.drop_oldest(parent regclass, days_kept integer, late_by name)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
  part regclass;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('partitions ' || parent, 0)) THEN
    RETURN false;
  END IF;
  SELECT c.oid INTO part
  FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
  WHERE inhparent = parent AND relname ~ '_\d{8}$'
    AND right(relname, 8) < to_char((now() AT TIME ZONE 'UTC')::date - days_kept, 'YYYYMMDD')
  ORDER BY right(relname, 8) LIMIT 1;
  IF part IS NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, part);
  IF late_by IS NOT NULL THEN
    EXECUTE format('INSERT INTO %s SELECT * FROM %s WHERE %I >= now() - make_interval(days => %s)',
      parent, part, late_by, days_kept);
  END IF;
  EXECUTE format('DROP TABLE %s', part);
  RETURN true;
EXCEPTION WHEN lock_not_available THEN
  RETURN false;
END
$$;
