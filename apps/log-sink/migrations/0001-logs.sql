-- A partition for each level, and in it one a day, which is dropped as a whole when it is old enough
-- for its level. What is too old or too new for a day is in the default partition of the level, and
-- deleted by row.
CREATE TABLE log_entries (
  -- Milliseconds, as JavaScript has them: a cursor made of a finer time would lose entries.
  time timestamptz(3) NOT NULL,
  -- The message's, and the entry's place in it: its copy is the same entry, of the same time.
  id text COLLATE "C" NOT NULL,
  level text NOT NULL,
  service text NOT NULL,
  message text NOT NULL,
  context text,
  trace_id text,
  data jsonb,
  -- Of message and data, as words.ts cuts them. Cut by PostgreSQL they cost three times an insert.
  words tsvector NOT NULL,
  -- Who follows the entries as they come goes by it: a time may be long ago.
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- Refuses copies, orders a page and finds its cursor; new entries come at its end.
  PRIMARY KEY (time, id, level)
) PARTITION BY LIST (level);

-- A service that says little.
CREATE INDEX log_entries_service ON log_entries (service, time);
-- A trace has few entries, in no order: half of what a tree costs here.
CREATE INDEX log_entries_trace ON log_entries USING hash (trace_id);
-- The fields of a line, for any combination of them. With the list of what waits for its place in
-- the index (fastupdate, on by default); without it this index costs as much as the table.
CREATE INDEX log_entries_data ON log_entries USING gin (data jsonb_path_ops);
CREATE INDEX log_entries_words ON log_entries USING gin (words);
-- A batch is one key: it takes little room.
CREATE INDEX log_entries_xact ON log_entries (xact);

CREATE TABLE log_entries_debug PARTITION OF log_entries FOR VALUES IN ('debug')
  PARTITION BY RANGE (time);
CREATE TABLE log_entries_info PARTITION OF log_entries FOR VALUES IN ('info')
  PARTITION BY RANGE (time);
CREATE TABLE log_entries_warning PARTITION OF log_entries FOR VALUES IN ('warning')
  PARTITION BY RANGE (time);
CREATE TABLE log_entries_error PARTITION OF log_entries FOR VALUES IN ('error')
  PARTITION BY RANGE (time);
CREATE TABLE log_entries_critical PARTITION OF log_entries FOR VALUES IN ('critical')
  PARTITION BY RANGE (time);

CREATE TABLE log_entries_debug_default PARTITION OF log_entries_debug DEFAULT;
CREATE TABLE log_entries_info_default PARTITION OF log_entries_info DEFAULT;
CREATE TABLE log_entries_warning_default PARTITION OF log_entries_warning DEFAULT;
CREATE TABLE log_entries_error_default PARTITION OF log_entries_error DEFAULT;
CREATE TABLE log_entries_critical_default PARTITION OF log_entries_critical DEFAULT;

SELECT partitions.make(level_of, 3) FROM unnest(ARRAY[
  'log_entries_debug', 'log_entries_info', 'log_entries_warning', 'log_entries_error',
  'log_entries_critical']::regclass[]) AS level_of;

-- What came of the lines that a process has numbered, by the queue that brought them.
CREATE TABLE log_arrivals (
  queue text NOT NULL,
  instance uuid NOT NULL,
  level text NOT NULL,
  service text NOT NULL,
  -- The number from which on all should have come; the highest that came; how many did.
  base bigint NOT NULL,
  highest bigint NOT NULL,
  received bigint NOT NULL,
  seen_at timestamptz(3) NOT NULL,
  -- When more were missing than before.
  missed_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (queue, instance, level)
);

-- So many lines of a kind in a window raise an alert. Of a kind are lines of one service with one
-- message.
CREATE TABLE alert_rules (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  level text NOT NULL CHECK (level IN ('warning', 'critical')),
  -- Null: of every service; of every message.
  service text,
  message text,
  threshold integer NOT NULL CHECK (threshold > 0),
  window_seconds integer NOT NULL CHECK (window_seconds > 0),
  -- Whether it is told to ALERT_WEBHOOK_URL.
  notify boolean NOT NULL,
  created_at timestamptz(3) NOT NULL
);

-- They are as any other: who does not want them deletes them.
INSERT INTO alert_rules (id, name, level, threshold, window_seconds, notify, created_at) VALUES
  ('01980000-0000-7000-8000-000000000001', 'any critical line', 'critical', 1, 300, true, now()),
  ('01980000-0000-7000-8000-000000000002', 'ten warnings of a kind', 'warning', 10, 300, true,
    now());

-- What is counted for a rule, a kind and a window; an alert once it is raised.
CREATE TABLE alerts (
  -- A UUIDv7 of the window's start, and for the rest of rule and kind: there is one.
  id uuid PRIMARY KEY,
  -- As the rule was then.
  rule_id uuid NOT NULL,
  rule text NOT NULL,
  level text NOT NULL CHECK (level IN ('warning', 'critical')),
  threshold integer NOT NULL,
  window_seconds integer NOT NULL,
  service text NOT NULL,
  message text NOT NULL,
  count integer NOT NULL CHECK (count > 0),
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  -- Of one of the lines.
  trace_id text,
  data jsonb,
  raised_at timestamptz(3),
  acknowledged_at timestamptz(3),
  acknowledged_by text,
  note text,
  -- Null: nobody is told.
  notification text CHECK (notification IN ('pending', 'delivered', 'failed')),
  CHECK ((raised_at IS NOT NULL) = (count >= threshold)),
  CHECK (acknowledged_at IS NULL OR raised_at IS NOT NULL),
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
) PARTITION BY RANGE (id);

CREATE TABLE alerts_default PARTITION OF alerts DEFAULT;

CREATE INDEX alerts_level ON alerts (level, id) WHERE raised_at IS NOT NULL;
CREATE INDEX alerts_open ON alerts (id) WHERE raised_at IS NOT NULL AND acknowledged_at IS NULL;

SELECT partitions.make('alerts', 3);
