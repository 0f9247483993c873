-- A partition a day, dropped as a whole when it is old enough. What is too old or too new for them
-- is in the default partition, and deleted by row.
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
  -- Refuses copies, orders a page and finds its cursor; new entries come at its end.
  PRIMARY KEY (time, id)
) PARTITION BY RANGE (time);

CREATE TABLE log_entries_default PARTITION OF log_entries DEFAULT;

-- Nearly every entry is info: a walk by time finds those. The others are few.
CREATE INDEX log_entries_level ON log_entries (level, time, id) WHERE level <> 'info';
-- A service that says little.
CREATE INDEX log_entries_service ON log_entries (service, time);
-- A trace has few entries, in no order: half of what a tree costs here.
CREATE INDEX log_entries_trace ON log_entries USING hash (trace_id);
-- The fields of a line, for any combination of them. With the list of what waits for its place in
-- the index (fastupdate, on by default); without it this index costs as much as the table.
CREATE INDEX log_entries_data ON log_entries USING gin (data jsonb_path_ops);

SELECT partitions.make('log_entries', 3);

-- One for each entry and each queue that brought it.
CREATE TABLE alerts (
  time timestamptz(3) NOT NULL,
  id text COLLATE "C" NOT NULL,
  level text NOT NULL CHECK (level IN ('warning', 'critical')),
  service text NOT NULL,
  message text NOT NULL,
  trace_id text,
  data jsonb,
  PRIMARY KEY (time, id, level)
) PARTITION BY RANGE (time);

CREATE TABLE alerts_default PARTITION OF alerts DEFAULT;

CREATE INDEX alerts_level ON alerts (level, time, id);

SELECT partitions.make('alerts', 3);
